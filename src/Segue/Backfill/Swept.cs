using Segue.Running;

namespace Segue.Backfill;

/// <summary>Result of a round of sweeps.</summary>
internal abstract record Swept
{
    private Swept() { }

    public sealed record All : Swept;

    /// <summary>At least one row stayed locked.</summary>
    public sealed record Locked : Swept;

    /// <summary>The table was rewritten meanwhile: everything starts over.</summary>
    public sealed record Rewritten : Swept;

    public sealed record Failed(StepOutcome.Failed Outcome) : Swept;
}
