using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>
/// Write-ahead log that slots, standbys or the archiver retain on the server, against a budget. If the volume of the
/// log cannot be read, all log since the last checkpoint counts as well: nothing else shows how full it is.
/// </summary>
internal sealed class WalBudget(Database database, ThrottleSettings settings, Func<ServerPlace, Volume> read) : ISignal
{
    public string Name => "write-ahead log";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        bool isBlind = !await DiskSpace.SeesLogAsync(database, read, cancel);
        long limit = await LimitAsync(cancel);
        return await KeptWal.MostAsync(database, sinceCheckpoint: isBlind, cancel) is { } kept && kept.Bytes > limit
            ? Reading.Stop($"{kept} The limit is {Plain.Bytes(limit)} (`throttle.max_wal`).")
            : Reading.Go;
    }

    /// <summary>
    /// Unless a limit is set, the log that the server itself may write between two checkpoints is harmless.
    /// </summary>
    private async Task<long> LimitAsync(CancellationToken cancel) =>
        settings.MaxWal != ThrottleSettings.Default.MaxWal
            ? settings.MaxWal
            : Math.Max(
                settings.MaxWal,
                await database.ScalarAsync<long>(
                    "SELECT setting::bigint << 20 FROM pg_settings WHERE name = 'max_wal_size'",
                    cancel
                )
            );
}
