using Npgsql;

namespace Segue.Testing;

/// <summary>Errors as the driver raises them.</summary>
public static class PostgresFaults
{
    public static Exception ConnectionLost() =>
        new NpgsqlException("Exception while reading from stream", new IOException("Connection reset by peer"));

    public static Exception NoRoom() =>
        new PostgresException(
            "could not extend file: No space left on device",
            "ERROR",
            "ERROR",
            PostgresErrorCodes.DiskFull
        );
}
