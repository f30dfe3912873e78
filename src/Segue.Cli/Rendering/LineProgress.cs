using Segue.Execution;
using Segue.Planning;
using Segue.Running;

namespace Segue.Cli.Rendering;

/// <summary>For logs: a line for each stage and step, and one from time to time during a long step.</summary>
internal sealed class LineProgress(RunJournal journal, Sheet sheet, TimeProvider time) : IRunProgress
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _toldBlockers = [];
    private long _told;

    public async Task<RunOutcome> FollowAsync(Func<Task<RunOutcome>> work)
    {
        RunOutcome outcome = await work();
        journal.End(ExitCodes.Of(outcome) == ExitCode.Done);
        return outcome;
    }

    public void Show(RunEvent happened)
    {
        journal.Record(happened);
        Tell(happened);
    }

    private void Tell(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.StageStarted started:
                Write(started.Stage, Ink.Strong);
                break;
            case RunEvent.StepStarted started:
                _told = time.GetTimestamp();
                _toldBlockers.Clear();
                Begin(started.Step);
                break;
            case RunEvent.StepFound found:
                Write($"  {found.Step.Title}: already done", Ink.Faint);
                break;
            case RunEvent.StepEnded ended:
                StepProgress end = new(ended.Step, ended.Took, ended.LockWait, ended.LockHold);
                Write($"  {ended.Step.Title}: {ProgressWords.Ended(end)}", Ink.Good);
                break;
            case RunEvent.Blocked blocked
                when _toldBlockers.Add(string.Join(',', blocked.Blockers.Select(blocker => blocker.Session)))
                    || IsDue():
                Write($"    {ProgressWords.Waiting(blocked.Blockers)}", Ink.Warning);
                break;
            case RunEvent.Filled { Progress: var progress } when IsDue():
                Write(
                    $"    {Printable.Relation(progress.Relation)} {ProgressWords.Share(progress):P0}: "
                        + $"{ProgressWords.Rows(progress)}, {ProgressWords.Pace(progress)}"
                );
                break;
            case RunEvent.Verified verified when IsDue():
                Write($"    {ProgressWords.Compared(verified)}");
                break;
            case RunEvent.OnlineProgressed { Progress: var progress } when IsDue():
                Write($"    {ProgressWords.Online(progress)}");
                break;
            case RunEvent.VerdictReached { Verdict: var verdict }:
                foreach (Ledger.Finding finding in verdict.Findings)
                {
                    Write($"    {ProgressWords.Found(finding)}", finding.Mismatches == 0 ? Ink.Plain : Ink.Bad);
                }

                break;
            case RunEvent.Throttled { Reason: var reason }:
                Write(reason is null ? "    continuing" : $"    pausing: {reason}", Ink.Warning);
                break;
            case RunEvent.Note note:
                Write($"    {note.Message}", Ink.Warning);
                break;
        }
    }

    // A short transaction is reported when it has ended, or when it has to wait.
    private void Begin(Step step)
    {
        if (step is not DdlStep)
        {
            Write($"  {step.Title} ...");
        }
    }

    private bool IsDue()
    {
        if (time.GetElapsedTime(_told) < Every)
        {
            return false;
        }

        _told = time.GetTimestamp();
        return true;
    }

    private void Write(string text, Ink ink = Ink.Plain) =>
        sheet.Line(($"{journal.Elapsed:hh\\:mm\\:ss} ", Ink.Faint), ($"{journal.Change} ", Ink.Faint), (text, ink));
}
