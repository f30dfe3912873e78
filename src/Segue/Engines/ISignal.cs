namespace Segue.Engines;

/// <summary>One thing that tells whether filling hurts. A signal that cannot be read means stop.</summary>
public interface ISignal
{
    string Name { get; }

    Task<Reading> ReadAsync(CancellationToken cancel);
}

/// <summary>What a signal says.</summary>
/// <param name="StopReason">Why to stop, in words; null for go.</param>
/// <param name="Busy">True when an app is at work: rest between batches.</param>
public sealed record Reading(string? StopReason, bool Busy = false)
{
    public static Reading Go { get; } = new((string?)null);

    public static Reading AtWork { get; } = new(null, Busy: true);

    public static Reading Stop(string reason) => new(reason);
}
