using Segue.Engines;

namespace Segue.Running;

/// <summary>How a step ended.</summary>
internal abstract record StepOutcome
{
    private StepOutcome() { }

    public sealed record Done(TimeSpan? LockWait = null, TimeSpan? LockHold = null) : StepOutcome;

    public sealed record LockNotObtained(IReadOnlyList<Blocker> Blockers) : StepOutcome;

    /// <summary>Old code wrote, so that the step was not run.</summary>
    public sealed record OldCodeWrote : StepOutcome;

    /// <param name="IsRows">Rows violate what should have been enforced.</param>
    public sealed record Failed(string Message, bool IsRows = false) : StepOutcome
    {
        /// <summary>It fails each time, until somebody corrects the cause.</summary>
        public bool IsLasting { get; init; }

        /// <summary>What would have exceeded the hold budget, as a sentence; null for none.</summary>
        public string? TooMuchAtOnce { get; init; }
    }
}
