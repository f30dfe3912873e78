using Segue.Execution;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>
/// Applies changes in order; the first failure ends it. A change that waits at its gate has not failed.
/// </summary>
internal sealed class Applying(Session session, ApplyRequest request)
{
    private readonly Conclusion _conclusion = new(session);

    /// <summary>Passes the gate of each change as soon as it is reached: for databases that no app relies on.</summary>
    public bool Completes { get; init; }

    public async Task<ExitCode> RunAsync(IReadOnlyList<ChangeEntry> entries, CancellationToken cancel)
    {
        foreach (ChangeEntry entry in entries)
        {
            // A change that cannot run is refused here, before anything is written, the ledger included.
            await (await session.Target.PlanAsync(entry, cancel)).Match(
                shown => OneAsync(shown, cancel),
                failure => Refuse(entry, failure)
            );
            if (_conclusion.Code != ExitCode.Done)
            {
                break;
            }
        }

        return await _conclusion.EndAsync();
    }

    private async Task OneAsync(PlannedChange shown, CancellationToken cancel)
    {
        string change = shown.Change.Name;
        if (!shown.IsBegun)
        {
            foreach (Hazard hazard in shown.Plan.Hazards)
            {
                session.Report.Note($"{change}: {hazard.Message}");
            }
        }

        ChangeRun run = new(session, change, ChangeRun.StagesOf(shown.Plan));
        RunOutcome outcome = await run.FollowAsync(events =>
            session.Target.ApplyAsync(shown, request, events: events, cancel: cancel)
        );
        if (Completes && outcome is RunOutcome.WaitingAtGate)
        {
            await CompleteAsync(shown, cancel);
            return;
        }

        _conclusion.Add(outcome, run.Journal);
    }

    private async Task CompleteAsync(PlannedChange shown, CancellationToken cancel)
    {
        string change = shown.Change.Name;
        ChangeRun run = new(session, change, ChangeRun.StagesOf(shown.Plan));
        RunOutcome outcome = await run.FollowAsync(events =>
            session.Target.CompleteAsync(change, events: events, cancel: cancel)
        );
        _conclusion.Add(outcome, run.Journal);
    }

    private Task Refuse(ChangeEntry entry, Failure failure)
    {
        _conclusion.Add(entry.Change.Name, failure);
        return Task.CompletedTask;
    }
}
