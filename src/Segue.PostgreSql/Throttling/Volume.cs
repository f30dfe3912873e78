using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>The volume of a directory of the server, as it is now.</summary>
/// <param name="Holds">Its content, in words.</param>
internal sealed record Volume(string Holds, string Path, long Free, long Total)
{
    /// <summary>Why to stop; null while enough is free.</summary>
    public string? StopReason(FreeDisk least)
    {
        long needed = Math.Max(least.Bytes ?? 0, (long)(Total * ((least.Percent ?? 0) / 100.0)));
        return Free < needed
            ? $"Only {Plain.Bytes(Free)} are free on the volume of {Holds} ({Path}); "
                + $"{Plain.Bytes(needed)} must stay free."
            : null;
    }

    /// <exception cref="IOException">There is no such directory, or its volume does not answer.</exception>
    /// <exception cref="UnauthorizedAccessException">Our user may not enter it.</exception>
    public static Volume Read(ServerPlace place)
    {
        DriveInfo drive = new(place.Path);
        return new Volume(place.Holds, place.Path, drive.AvailableFreeSpace, drive.TotalSize);
    }
}
