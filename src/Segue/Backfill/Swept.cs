using Segue.Running;

namespace Segue.Backfill;

/// <summary>How a round of sweeps ended.</summary>
internal abstract record Swept
{
    private Swept() { }

    public sealed record All : Swept;

    /// <summary>Somewhere a row was waited for in vain.</summary>
    public sealed record Locked : Swept;

    /// <summary>The table was rewritten meanwhile: everything starts over.</summary>
    public sealed record Rewritten : Swept;

    public sealed record Failed(StepOutcome.Failed Outcome) : Swept;
}
