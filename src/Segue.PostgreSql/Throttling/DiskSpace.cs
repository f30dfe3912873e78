using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>
/// Free space of each volume that the server writes to: its data, its log, the tablespaces of the relations, temporary
/// space. Only a server on this machine can be watched this way; for others there is <see cref="WalBudget"/>.
/// </summary>
/// <param name="read">Reads a volume; <see cref="Volume.Read"/>.</param>
internal sealed class DiskSpace(
    Database database,
    IReadOnlyList<string> relations,
    ThrottleSettings settings,
    Func<ServerPlace, Volume> read
) : ISignal
{
    public string Name => "free disk";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        Seen seen = Look(await ServerPlace.OfAsync(database, relations, cancel), read);
        return
            seen
                .Volumes.Select(volume => volume.StopReason(settings.MinFreeDisk))
                .FirstOrDefault(reason => reason is not null)
                is { } reason
            ? Reading.Stop(await WithWalAsync(reason, cancel))
            : Reading.Go;
    }

    /// <summary>Whether the volume of the log can be read: otherwise its growth must be watched.</summary>
    public static async Task<bool> SeesLogAsync(
        Database database,
        Func<ServerPlace, Volume> read,
        CancellationToken cancel
    ) => Look(await ServerPlace.OfAsync(database, [], cancel), read).SeesLog;

    /// <summary>
    /// A missing data directory means that the server runs elsewhere, behind a forwarded port for instance. If it
    /// exists, every other unreadable volume is an error: it may be full. Exception: the log, whose directory only the
    /// server's own user may enter.
    /// </summary>
    internal static Seen Look(IReadOnlyList<ServerPlace> places, Func<ServerPlace, Volume> read)
    {
        bool isHere = places.Where(place => place.Kind == PlaceKind.Data).All(place => Try(place, read) is not null);
        if (!isHere)
        {
            return new Seen([], SeesLog: false);
        }

        Volume? log = places.FirstOrDefault(place => place.Kind == PlaceKind.Log) is { } wal ? Try(wal, read) : null;
        List<Volume> volumes = [.. places.Where(place => place.Kind == PlaceKind.Data).Select(read)];
        volumes.AddRange(log is null ? [] : [log]);

        // Without a known data directory nothing shows whether the server is on this machine.
        bool isCertain = volumes.Count > 0;
        volumes.AddRange(
            places
                .Where(place => place.Kind == PlaceKind.Tablespace)
                .Select(place => isCertain ? read(place) : Try(place, read))
                .OfType<Volume>()
        );
        return new Seen(volumes, log is not null);
    }

    private static Volume? Try(ServerPlace place, Func<ServerPlace, Volume> read)
    {
        try
        {
            return read(place);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task<string> WithWalAsync(string reason, CancellationToken cancel) =>
        await KeptWal.MostAsync(database, sinceCheckpoint: false, cancel) is { } kept
        && kept.Bytes > settings.MinFreeDisk.Bytes.GetValueOrDefault(1 << 30)
            ? $"{reason} {kept}"
            : reason;

    internal sealed record Seen(IReadOnlyList<Volume> Volumes, bool SeesLog);
}
