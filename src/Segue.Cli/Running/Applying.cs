using Segue.Cli.Rendering;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Running;

/// <summary>
/// Applies changes in order; the first that does not end well ends it. One that waits at its gate has ended well.
/// </summary>
internal sealed class Applying(Session session, StageName? until, string? approvedHash)
{
    private readonly Conclusion _conclusion = new(session);

    public async Task<ExitCode> RunAsync(IReadOnlyList<ChangeFiles.Entry> entries, CancellationToken cancel)
    {
        foreach (ChangeFiles.Entry entry in entries)
        {
            await (await PreviewAsync(entry, cancel)).Match(
                shown => OneAsync(entry, shown, cancel),
                failure => Refuse(entry, failure)
            );
            if (_conclusion.Code != ExitCode.Done)
            {
                break;
            }
        }

        return await _conclusion.EndAsync();
    }

    private async Task OneAsync(ChangeFiles.Entry entry, PlannedChange shown, CancellationToken cancel)
    {
        ApplyRequest request = new()
        {
            Until = until,
            ApprovedHash = approvedHash,
            Origin = await GitOrigin.OfAsync(entry.Change, entry.File.Path, cancel),
        };
        ChangeRun run = new(session, entry.Change.Name, ChangeRun.StagesOf(shown.Plan));
        RunOutcome outcome = await run.FollowAsync(runner => runner.ApplyAsync(shown, request, cancel));
        _conclusion.Add(outcome, run.Journal, session.Hints.Apply(entry.Change.Name));
    }

    /// <summary>
    /// What will run. What cannot run is refused here, before anything is written, the ledger included.
    /// </summary>
    private async Task<Result<PlannedChange>> PreviewAsync(ChangeFiles.Entry entry, CancellationToken cancel)
    {
        if (await OpenRecordAsync(entry.Change.Name, cancel) is not { } record)
        {
            return (await new ChangePlanner(session).PlanAsync(entry, cancel)).Match(Announced, failure => failure);
        }

        return (await StoredPlans.ReadAsync(session, record, cancel)).Match<Result<PlannedChange>>(
            plan => new PlannedChange
            {
                Change = entry.Change,
                Plan = plan,
                Options = session.PlanOptions,
            },
            failure => failure
        );
    }

    private Result<PlannedChange> Announced(PlannedChange planned)
    {
        foreach (Hazard hazard in planned.Plan.Hazards)
        {
            session.Report.Note($"{planned.Change.Name}: {hazard.Message}");
        }

        return planned;
    }

    private async Task<ChangeRecord?> OpenRecordAsync(string change, CancellationToken cancel)
    {
        ILedger ledger = session.Engine.Records.Ledger;
        ChangeRecord? record = await ledger.ExistsAsync(cancel) ? await ledger.FindAsync(change, cancel) : null;
        return record is { Status: ChangeStatus.RolledBack } ? null : record;
    }

    private Task Refuse(ChangeFiles.Entry entry, Failure failure)
    {
        _conclusion.Add(entry.Change.Name, failure);
        return Task.CompletedTask;
    }
}
