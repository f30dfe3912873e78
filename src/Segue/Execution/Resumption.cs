using Segue.Changes;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>Checks that a begun change is the requested one, with the approved plan.</summary>
internal sealed class Resumption(ILedgerReader ledger)
{
    /// <summary>Null if the run may continue, or the change is completed as requested.</summary>
    public async Task<RunOutcome.Refused?> ObjectionAsync(ChangeRecord record, Wanted wanted, CancellationToken cancel)
    {
        if (record.RollingBack)
        {
            return RunOutcome.Refused.For(
                record.Name,
                "its rollback has started but has not ended.",
                "Finish the rollback; then apply again.",
                NextAction.Rollback(record.Name)
            );
        }

        return OfHash(record, wanted.Request)
            ?? OfFile(record, wanted.Shown.Change.ContentHash)
            ?? OfShown(record, wanted.Shown)
            ?? await OfShapeAsync(record, wanted.Request, cancel);
    }

    private static RunOutcome.Refused? OfHash(ChangeRecord record, ApplyRequest request) =>
        request.ApprovedHash is not { } approved || record.PlanHash == approved
            ? null
            : RunOutcome.Refused.For(
                record.Name,
                $"it was started with the plan {record.PlanHash}, not the approved {approved}.",
                "Check the plan it runs, or roll it back.",
                NextAction.Plan(record.Name),
                NextAction.Rollback(record.Name)
            );

    /// <summary>Refused where the file was edited since.</summary>
    public static RunOutcome.Refused? OfFile(ChangeRecord record, string contentHash)
    {
        if (record.ContentHash == contentHash)
        {
            return null;
        }

        return record.Status == ChangeStatus.Completed
            ? RunOutcome.Refused.For(
                record.Name,
                "it is completed, and its file was edited afterwards.",
                "Restore the file and write a new change."
            )
            : RunOutcome.Refused.For(
                record.Name,
                "its file was edited after the change had started.",
                "Restore the file, or roll the change back and apply it again.",
                NextAction.Rollback(record.Name)
            );
    }

    private static RunOutcome.Refused? OfShown(ChangeRecord record, PlannedChange shown) =>
        record.Status == ChangeStatus.Completed || record.PlanHash == shown.Hash
            ? null
            : RunOutcome.Refused.For(
                record.Name,
                $"it was started with the plan {record.PlanHash}, not with the one that was shown ({shown.Hash}).",
                "Check the plan it was started with, then apply again.",
                NextAction.Plan(record.Name),
                NextAction.Apply(record.Name)
            );

    private async Task<RunOutcome.Refused?> OfShapeAsync(
        ChangeRecord record,
        ApplyRequest request,
        CancellationToken cancel
    )
    {
        if (request.ApprovedShape is null)
        {
            return null;
        }

        (Plan? plan, RunOutcome.Refused? altered) = await StoredPlan.ReadAsync(
            ledger,
            record.Name,
            record.PlanHash,
            cancel
        );
        return altered ?? Approval.OfShape(plan!, request);
    }
}
