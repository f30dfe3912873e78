using Npgsql;
using Segue.Settings;
using Segue.Throttling;

namespace Segue.PostgreSql.Throttling;

/// <summary>Free space of the disk the server's data is on; only a server on this machine can be asked.</summary>
internal sealed class DiskSpace(Database database, ThrottleSettings settings) : ISignal
{
    private string? _directory;
    private bool _asked;

    public string Name => "free disk";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        if (!_asked)
        {
            _directory = await DirectoryAsync(cancel);
            _asked = true;
        }

        if (_directory is null)
        {
            return Reading.Go;
        }

        DriveInfo disk = new(_directory);
        long needed = Math.Max(settings.MinFreeDisk.Bytes ?? 0, (long)(disk.TotalSize * ((settings.MinFreeDisk.Percent ?? 0) / 100.0)));
        return disk.AvailableFreeSpace < needed
            ? Reading.Stop($"Only {Plain.Bytes(disk.AvailableFreeSpace)} are free where the server's data is; {Plain.Bytes(needed)} must stay free.")
            : Reading.Go;
    }

    /// <summary>Null where it cannot be known: the server is elsewhere, or does not tell our role.</summary>
    private async Task<string?> DirectoryAsync(CancellationToken cancel)
    {
        try
        {
            string? directory = await database.ScalarAsync<string>(
                "SELECT current_setting('data_directory') WHERE inet_server_addr() IS NULL OR inet_server_addr() << '127.0.0.0/8' OR inet_server_addr() = '::1'", cancel);
            return directory is not null && Directory.Exists(directory) ? directory : null;
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}
