using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>Whether a change can still be rolled back.</summary>
internal sealed class WayBack(IEngine engine, TimeProvider time)
{
    private readonly UnrecordedWork _unrecorded = new(engine.Execution, time);

    /// <summary>
    /// Why a change cannot be rolled back any more: its contract stage has steps without an undo, or the tables they
    /// kept do not exist any more. Null if it can be rolled back.
    /// </summary>
    public async Task<string?> FindBarrierAsync(Plan plan, ChangeStatus status, CancellationToken cancel)
    {
        Dictionary<string, StepState> states = (
            await engine.Records.Ledger.StepsAsync(plan.Change, cancel)
        ).ToDictionary(step => step.Id, step => step.State);
        Step[] contract = [.. plan.Steps(StageName.Contract)];
        Step[] contracted = [.. contract.Where(step => states[step.Id] == StepState.Done)];
        bool holdsFast =
            status == ChangeStatus.Completed
                ? contracted.Length == 0 || contracted.Any(step => step.Undo.Count == 0)
                : contracted.Any(step => step.CannotBeUndone);
        foreach (Step step in contract.Where(step => step.CannotBeUndone))
        {
            holdsFast = holdsFast || await _unrecorded.IsThereAsync(step, states[step.Id], cancel);
        }

        if (holdsFast)
        {
            return status == ChangeStatus.Completed
                ? "it is completed."
                : "it is past its contract stage: the app uses only the new shape.";
        }

        IEnumerable<Obstacle> obstacles = contracted
            .SelectMany(step => step.Undo)
            .Select(undo => undo.Obstacle)
            .OfType<Obstacle>();
        foreach (Obstacle obstacle in obstacles)
        {
            if (status == ChangeStatus.Completed && await engine.Execution.Questions.AskAsync(obstacle.Exists, cancel))
            {
                return $"it is completed, and {obstacle.What}.";
            }
        }

        return null;
    }

    /// <summary>
    /// Other changes that depend on this one and could not end if it were rolled back. Null if there are none.
    /// </summary>
    public async Task<RunOutcome?> FindDependentChangesAsync(Plan plan, CancellationToken cancel)
    {
        IReadOnlyList<StepRecord> records = await engine.Records.Ledger.StepsAsync(plan.Change, cancel);
        HashSet<string> done = [.. records.Where(step => step.State == StepState.Done).Select(step => step.Id)];
        string[] relations =
        [
            .. plan.Steps()
                .Where(step => done.Contains(step.Id))
                .Select(step => step.BlockedBy?.Relation)
                .OfType<string>(),
        ];
        if (relations.Length == 0)
        {
            return null;
        }

        // No other change begins meanwhile: that takes the lease, which this run holds.
        IReadOnlyList<OtherChange> all = await OtherChange.ReadAsync(engine.Records.Ledger, plan.Change, cancel);
        foreach (string relation in relations)
        {
            string[] others =
            [
                .. all.Where(other => other.IsInProgress && other.MayUse(relation)).Select(other => other.Name),
            ];
            if (others is [var first, ..])
            {
                return RunOutcome.Refused.For(
                    plan.Change,
                    $"{string.Join(", ", others)} is in progress on {relation}, and uses it by that name.",
                    $"Complete or roll back {(others.Length == 1 ? "it" : "them")} first.",
                    NextAction.Complete(first),
                    NextAction.Rollback(first)
                );
            }
        }

        return null;
    }
}
