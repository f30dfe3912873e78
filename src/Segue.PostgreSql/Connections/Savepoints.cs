using Npgsql;

namespace Segue.PostgreSql.Connections;

/// <summary>
/// Questions within an open transaction that leave it as it was. Each savepoint is released as well: otherwise an outer
/// question would roll back to it.
/// </summary>
internal static class Savepoints
{
    private const string Begin = "SAVEPOINT aside";
    private const string End = "RELEASE SAVEPOINT aside";

    /// <summary>Asks, and undoes the effects of asking, settings included.</summary>
    public static async Task<T> AsideAsync<T>(
        this NpgsqlConnection connection,
        Func<Task<T>> ask,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync(Begin, cancel);
        try
        {
            return await ask();
        }
        finally
        {
            await connection.UndoAsync(cancel);
        }
    }

    /// <summary>Work that the server accepts stays; rejected work leaves the transaction as it was.</summary>
    /// <returns>The rejection; null if the work was accepted.</returns>
    public static async Task<PostgresException?> RejectionOfAsync(
        this NpgsqlConnection connection,
        Func<Task> work,
        Func<PostgresException, bool> isRejection,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync(Begin, cancel);
        try
        {
            await work();
        }
        catch (PostgresException error) when (isRejection(error))
        {
            await connection.UndoAsync(cancel);
            return error;
        }

        await connection.ExecuteAsync(End, cancel);
        return null;
    }

    private static async Task UndoAsync(this NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlBatch undo = connection.NewBatch();
        undo.Add("ROLLBACK TO SAVEPOINT aside");
        undo.Add(End);
        await undo.ExecuteNonQueryAsync(cancel);
    }
}
