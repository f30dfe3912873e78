using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Cli.Rendering;

/// <summary>The sum of a run's events: the progress of each stage and the current step.</summary>
internal sealed class RunJournal
{
    private const int NotesKept = 5;

    private readonly TimeProvider _time;
    private readonly List<StageProgress> _stages;
    private readonly long _started;

    /// <param name="stages">The stages known beforehand, in order; others are added as they start.</param>
    public RunJournal(string change, IEnumerable<string> stages, TimeProvider time)
    {
        Change = change;
        _time = time;
        _started = time.GetTimestamp();
        _stages = [.. stages.Select(name => new StageProgress { Name = name })];
    }

    public string Change { get; }

    public TimeSpan Elapsed => _time.GetElapsedTime(_started);

    public IReadOnlyList<StageProgress> Stages => _stages;

    /// <summary>The current step; null between steps.</summary>
    public Step? Step { get; private set; }

    public BackfillProgress? Filling { get; private set; }

    public RunEvent.Verified? Verifying { get; private set; }

    public OnlineProgress? Building { get; private set; }

    /// <summary>Why the backfill pauses; null if it does not.</summary>
    public string? ThrottleReason { get; private set; }

    /// <summary>Sessions that block the step's lock; null if it does not wait.</summary>
    public IReadOnlyList<Blocker>? Blockers { get; private set; }

    /// <summary>Comparisons of this run, in order.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>The latest, oldest first.</summary>
    public List<string> Notes { get; } = [];

    public void Record(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.StageStarted started:
                EndStage();
                StartStage(started.Stage);
                break;
            case RunEvent.StepStarted started:
                Clear();
                Step = started.Step;
                break;
            case RunEvent.StepFound found:
                Found(found.Step);
                break;
            case RunEvent.StepEnded ended:
                Ended(new StepProgress(ended.Step, ended.Took, ended.LockWait, ended.LockHold));
                break;
            case RunEvent.Blocked blocked:
                Blockers = blocked.Blockers;
                break;
            case RunEvent.Filled filled:
                Filling = filled.Progress;
                break;
            case RunEvent.Verified verified:
                Verifying = verified;
                break;
            case RunEvent.OnlineProgressed progressed:
                Building = progressed.Progress;
                break;
            case RunEvent.VerdictReached reached:
                Findings.AddRange(reached.Verdict.Findings);
                break;
            case RunEvent.Throttled throttled:
                ThrottleReason = throttled.Reason;
                break;
            case RunEvent.Note note:
                AddNote(note.Message);
                break;
        }
    }

    /// <summary>The run is over.</summary>
    /// <param name="wentWell">False: the current stage has failed.</param>
    public void End(bool wentWell)
    {
        if (wentWell)
        {
            EndStage();
            Clear();
        }
        else if (_stages.LastOrDefault(stage => stage.State == StageState.Running) is { } running)
        {
            // The last step stays visible.
            running.State = StageState.Stopped;
        }
    }

    private void StartStage(string name)
    {
        if (_stages.FirstOrDefault(stage => stage.Name == name) is not { } stage)
        {
            stage = new StageProgress { Name = name };
            _stages.Add(stage);
        }

        // Earlier stages that never started in this run were done before.
        foreach (
            StageProgress earlier in _stages
                .TakeWhile(other => other != stage)
                .Where(other => other.State == StageState.Pending)
        )
        {
            earlier.State = StageState.Done;
        }

        stage.State = StageState.Running;
        stage.Started = _time.GetTimestamp();
    }

    private void EndStage()
    {
        foreach (StageProgress stage in _stages.Where(stage => stage.State == StageState.Running))
        {
            stage.State = StageState.Done;
            stage.Took = _time.GetElapsedTime(stage.Started);
        }
    }

    /// <summary>
    /// After a lost connection a step that this run ended itself is found as done: it is reported once.
    /// </summary>
    private void Found(Step step)
    {
        if (_stages.Any(stage => stage.Steps.Any(ended => ended.Step.Id == step.Id)))
        {
            Clear();
        }
        else
        {
            Ended(new StepProgress(step, null, null, null));
        }
    }

    private void Ended(StepProgress step)
    {
        Clear();
        _stages.LastOrDefault(stage => stage.State == StageState.Running)?.Steps.Add(step);
    }

    private void Clear() =>
        (Step, Filling, Verifying, Building, ThrottleReason, Blockers) = (null, null, null, null, null, null);

    private void AddNote(string note)
    {
        Notes.Add(note);
        if (Notes.Count > NotesKept)
        {
            Notes.RemoveAt(0);
        }
    }
}

internal sealed class StageProgress
{
    public required string Name { get; init; }

    public StageState State { get; set; }

    public long Started { get; set; }

    /// <summary>Null if it was done before this run.</summary>
    public TimeSpan? Took { get; set; }

    /// <summary>Those ended in this run.</summary>
    public List<StepProgress> Steps { get; } = [];
}

internal enum StageState
{
    Pending,
    Running,
    Done,
    Stopped,
}

/// <param name="Took">Null: it was applied already.</param>
internal sealed record StepProgress(Step Step, TimeSpan? Took, TimeSpan? LockWait, TimeSpan? LockHold);
