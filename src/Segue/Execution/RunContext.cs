using Segue.Engines;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>All that an executor needs while one plan runs under one lease.</summary>
internal sealed record RunContext
{
    public required IEngine Engine { get; init; }

    public required Plan Plan { get; init; }

    public required Lease Lease { get; init; }

    public required RunOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required Action<RunEvent> Emit { get; init; }

    public Task DelayAsync(TimeSpan delay, CancellationToken cancel) => Task.Delay(delay, Time, cancel);

    /// <summary>Between half and one and a half of the delay, so that repeated attempts do not fall into step with an app.</summary>
    public static TimeSpan Jittered(TimeSpan delay) => delay * (0.5 + Random.Shared.NextDouble());
}

/// <summary>How a step ended.</summary>
internal abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    public sealed record Done(TimeSpan? LockWait = null, TimeSpan? LockHold = null) : StepOutcome;

    public sealed record LockNotObtained(IReadOnlyList<Blocker> Blockers) : StepOutcome;

    /// <param name="IsRows">Rows break what should have been enforced.</param>
    public sealed record Failed(string Message, bool IsRows = false) : StepOutcome
    {
        /// <summary>As long as nobody mends something, it fails so each time.</summary>
        public bool IsLasting { get; init; }

        /// <summary>Its locks would have been held for longer than they may be.</summary>
        public bool ExceedsHold { get; init; }
    }
}
