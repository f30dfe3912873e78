using System.Diagnostics;
using Segue.Changes;
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
    /// <param name="file">Its path; null where it has none.</param>
    public async Task<Result<PlannedChange>> PlanAsync(Change change, string? file, CancellationToken cancel)
    {
        ChangeRecord? record = await engine.Records.Ledger.ExistsAsync(cancel)
            ? await engine.Records.Ledger.FindAsync(change.Name, cancel)
            : null;
        return record is null or { Status: ChangeStatus.RolledBack }
            ? await PlanAnewAsync(change, file, cancel)
            : (await BegunAsync(engine.Records.Ledger, record, cancel)).Match<Result<PlannedChange>>(
                plan => Planned(change, plan) with { IsBegun = true },
                failure => failure
            );
    }

    /// <summary>The plan a change was begun with.</summary>
    public static async Task<Result<Plan>> BegunAsync(ILedger ledger, ChangeRecord record, CancellationToken cancel)
    {
        try
        {
            (Plan? plan, RunOutcome.Refused? altered) = await StoredPlan.ReadAsync(
                ledger,
                record.Name,
                record.PlanHash,
                cancel
            );
            return plan is null ? new Failure(FailureKind.Refused, altered!.Problems) : plan;
        }
        catch (LedgerDamagedException damaged)
        {
            return new Failure(
                FailureKind.Failed,
                [new Problem(record.Name, damaged.Message, "") { Next = [NextAction.Doctor] }]
            );
        }
    }

    private async Task<Result<PlannedChange>> PlanAnewAsync(Change change, string? file, CancellationToken cancel) =>
        await PlannedChange.PlanAsync(engine, change, options, cancel) switch
        {
            ({ } planned, _) => planned,
            (_, PlanOutcome.Invalid invalid) => new Failure(
                FailureKind.BadInput,
                Placed(change, file, invalid.Problems)
            ),
            (_, PlanOutcome.Refused refused) => new Failure(
                FailureKind.Refused,
                Placed(change, file, refused.Problems)
            ),
            var (_, other) => throw new UnreachableException($"{other.GetType()}"),
        };

    private PlannedChange Planned(Change change, Plan plan) =>
        new()
        {
            Change = change,
            Plan = plan,
            Options = options,
        };

    private static IReadOnlyList<Problem> Placed(Change change, string? file, IReadOnlyList<Problem> problems) =>
        file is null
            ? problems
            :
            [
                .. problems.Select(problem =>
                    problem with
                    {
                        Where = $"{ChangePlaces.Find(file, change, problem.Where) ?? change.Name}: {problem.Where}",
                    }
                ),
            ];
}
