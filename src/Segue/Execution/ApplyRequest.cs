using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>What is asked of an apply.</summary>
public sealed record ApplyRequest
{
    /// <summary>The last stage to run; null for as far as the gate.</summary>
    public StageName? Until { get; init; }

    /// <summary>Apply only if the plan has this hash; null to apply whatever is planned.</summary>
    public string? ApprovedHash { get; init; }

    public required ChangeOrigin Origin { get; init; }
}
