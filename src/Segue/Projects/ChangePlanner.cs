using System.Diagnostics;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Projects;

/// <summary>
/// Plans a change, or reads the plan it was begun with; problems name their place in the change's file.
/// </summary>
internal sealed class ChangePlanner(IEngine engine, PlanOptions options)
{
    public async Task<Result<PlannedChange>> PlanAsync(ChangeEntry entry, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.ExistsAsync(cancel)
            ? await engine.Records.Ledger.FindAsync(entry.Change.Name, cancel)
            : null;
        return record is null or { Status: ChangeStatus.RolledBack }
            ? await PlanAnewAsync(entry, cancel)
            : (await BegunAsync(engine.Records.Ledger, record, cancel)).Match<Result<PlannedChange>>(
                plan => Planned(entry, plan) with { IsBegun = true },
                failure => failure
            );
    }

    /// <summary>The plan a change was begun with.</summary>
    public static async Task<Result<Plan>> BegunAsync(ILedger ledger, ChangeRecord record, CancellationToken cancel)
    {
        (Plan? plan, RunOutcome.Refused? altered) = await StoredPlan.ReadAsync(
            ledger,
            record.Name,
            record.PlanHash,
            cancel
        );
        return plan is null ? new Failure(FailureKind.Refused, altered!.Problems) : plan;
    }

    private async Task<Result<PlannedChange>> PlanAnewAsync(ChangeEntry entry, CancellationToken cancel) =>
        await PlannedChange.PlanAsync(engine, entry.Change, options, cancel) switch
        {
            ({ } planned, _) => planned,
            (_, PlanOutcome.Invalid invalid) => new Failure(FailureKind.BadInput, Placed(entry, invalid.Problems)),
            (_, PlanOutcome.Refused refused) => new Failure(FailureKind.Refused, Placed(entry, refused.Problems)),
            var (_, other) => throw new UnreachableException($"{other.GetType()}"),
        };

    private PlannedChange Planned(ChangeEntry entry, Plan plan) =>
        new()
        {
            Change = entry.Change,
            Plan = plan,
            Options = options,
        };

    private static IReadOnlyList<Problem> Placed(ChangeEntry entry, IReadOnlyList<Problem> problems) =>
        [
            .. problems.Select(problem =>
                problem with
                {
                    Where =
                        $"{ChangePlaces.Find(entry.File.Path, entry.Change, problem.Where) ?? entry.Change.Name}: "
                        + $"{problem.Where}",
                }
            ),
        ];
}
