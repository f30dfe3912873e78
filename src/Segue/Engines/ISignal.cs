namespace Segue.Engines;

/// <summary>A signal that shows whether filling hurts. If it cannot be read, filling stops.</summary>
public interface ISignal
{
    /// <summary>What is listened to, e.g. <c>replica lag</c>.</summary>
    string Name { get; }

    /// <summary>Reads it once.</summary>
    Task<Reading> ReadAsync(CancellationToken cancel);
}

/// <summary>A reading of a signal.</summary>
/// <param name="StopReason">Why to stop, in words; null to continue.</param>
/// <param name="Busy">True if an app is active: rest between batches.</param>
public sealed record Reading(string? StopReason, bool Busy = false)
{
    /// <summary>Nothing is in the way.</summary>
    public static Reading Go { get; } = new((string?)null);

    /// <summary>Nothing is in the way, and an app is active.</summary>
    public static Reading AtWork { get; } = new(null, Busy: true);

    /// <summary>Work must stop, for this reason.</summary>
    public static Reading Stop(string reason) => new(reason);
}
