namespace Segue.Lab.Traffic;

/// <summary>How traffic is measured.</summary>
public sealed record TrafficOptions
{
    /// <summary>
    /// The length of a slice of the time series. Default: 250 ms. It doubles whenever <see cref="MaxSlices"/> are full.
    /// </summary>
    public TimeSpan Slice { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How many slices are kept. Default: 4096. About 1 kB of memory each, per kind of client.</summary>
    public int MaxSlices { get; init; } = 4096;

    /// <summary>How many errors are kept in full. Default: 100. All are counted.</summary>
    public int MaxErrors { get; init; } = 100;

    /// <summary>How long running requests may take after the end. Default: 30 s. Then they count as failed.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where the clients' random numbers start. Default: 1.</summary>
    public int Seed { get; init; } = 1;
}
