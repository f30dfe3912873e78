namespace Segue.Engines;

/// <summary>A signal that shows whether filling hurts. If it cannot be read, filling stops.</summary>
public interface ISignal
{
    string Name { get; }

    Task<Reading> ReadAsync(CancellationToken cancel);
}

/// <summary>A reading of a signal.</summary>
/// <param name="StopReason">Why to stop, in words; null to continue.</param>
/// <param name="Busy">True if an app is active: rest between batches.</param>
public sealed record Reading(string? StopReason, bool Busy = false)
{
    public static Reading Go { get; } = new((string?)null);

    public static Reading AtWork { get; } = new(null, Busy: true);

    public static Reading Stop(string reason) => new(reason);
}
