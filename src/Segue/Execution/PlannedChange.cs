using Segue.Changes;
using Segue.Engines;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>A change with the plan that was made and shown for it: that plan runs, or none does.</summary>
public sealed record PlannedChange
{
    /// <summary>The change, as it was read from its file.</summary>
    public required Change Change { get; init; }

    /// <summary>The plan that was shown.</summary>
    public required Plan Plan { get; init; }

    /// <summary>The options it was planned with. Default: all at their defaults.</summary>
    public PlanOptions Options { get; init; } = new();

    /// <summary>The plan's SHA-256: 64 lower-case hexadecimal digits.</summary>
    public string Hash => PlanJson.Hash(Plan);

    /// <summary>The change was begun with this plan already: applying it resumes.</summary>
    public bool IsBegun { get; init; }

    /// <summary>
    /// The tables and the other changes under way when it was planned, a line each; null where that was not noted, as
    /// of a plan that was read from a file.
    /// </summary>
    internal IReadOnlyList<string>? Seen { get; init; }

    /// <summary>
    /// Plans a change and notes how the target looks, so that the runner can tell whether it has changed since.
    /// </summary>
    /// <returns>Null for the change where it could not be planned.</returns>
    internal static async Task<(PlannedChange? Planned, PlanOutcome Outcome)> PlanAsync(
        IEngine engine,
        Change change,
        PlanOptions options,
        CancellationToken cancel
    )
    {
        ShownPlan look = new(engine);
        IReadOnlyList<string> others = await look.OthersAsync(change.Name, cancel);
        PlanOutcome outcome = await engine.Planner.PlanAsync(change, options, cancel);
        if (outcome is not PlanOutcome.Planned { Plan: var plan })
        {
            return (null, outcome);
        }

        PlannedChange planned = new()
        {
            Change = change,
            Plan = plan,
            Options = options,
            Seen = await look.WithTablesAsync(plan, others, cancel),
        };
        return (planned, outcome);
    }
}
