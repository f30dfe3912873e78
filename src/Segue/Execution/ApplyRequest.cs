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
    /// Where the change comes from, for the record. Default null: only its description is recorded.
    /// </summary>
    public ChangeOrigin? Origin { get; init; }
}
