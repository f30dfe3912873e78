using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>Options of an apply.</summary>
public sealed record ApplyRequest
{
    /// <summary>The last stage to run; null for as far as the gate.</summary>
    public StageName? Until { get; init; }

    /// <summary>Apply only if the plan has this hash; null for any plan.</summary>
    public string? ApprovedHash { get; init; }

    /// <summary>Apply only if the plan has this shape's hash; null to apply a plan of any shape.</summary>
    public string? ApprovedShape { get; init; }

    /// <summary>
    /// A plan of one short transaction that proves too large for one may be replaced, unseen, by the plan in stages.
    /// Default false: the apply is refused then, and the plan in stages can be shown. True has no effect beside an
    /// approved hash.
    /// </summary>
    public bool MayStage { get; init; }

    /// <summary>
    /// Where the change comes from, for the record. Default null: <see cref="Projects.SegueTarget"/> records the
    /// description, and the commit and author of the change's file; a <see cref="Runner"/> records nothing.
    /// </summary>
    public ChangeOrigin? Origin { get; init; }
}
