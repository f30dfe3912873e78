using Segue.Cli.Rendering;
using Segue.Cli.Status;
using Segue.Execution;
using Segue.Projects;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>Reports how runs ended: in text at once, in JSON in one document at the end.</summary>
internal sealed class Conclusion(Session session)
{
    private readonly List<string> _changes = [];
    private Failure? _failure;

    public ExitCode Code => _failure is null ? ExitCode.Done : ExitCodes.Of(_failure.Kind);

    /// <summary>Follows one run to its end and reports it.</summary>
    public static async Task<ExitCode> FollowAsync(
        Session session,
        ChangeRun run,
        Func<IProgress<RunEvent>, Task<RunOutcome>> work
    )
    {
        RunOutcome outcome = await run.FollowAsync(work);
        Conclusion conclusion = new(session);
        conclusion.Add(outcome, run.Journal);
        return await conclusion.EndAsync();
    }

    public void Add(RunOutcome outcome, RunJournal journal)
    {
        _changes.Add(journal.Change);
        _failure = Outcomes.FailureOf(outcome, journal.Change);
        if (_failure is not null)
        {
            session.Report.Explain(_failure);
        }
        else if (!session.Report.IsJson)
        {
            new OutcomeText(session.Report.Results, session.Hints).Write(outcome, journal);
        }
    }

    public void Add(string change, Failure failure)
    {
        _changes.Add(change);
        _failure = failure;
        session.Report.Explain(failure);
    }

    /// <summary>Ends the command.</summary>
    public async Task<ExitCode> EndAsync()
    {
        if (session.Report.IsJson)
        {
            List<Standing> found = [];
            foreach (string change in _changes)
            {
                // Not cancelled: the document reports an interrupted run.
                found.Add(await session.Target.StatusAsync(change, CancellationToken.None));
            }

            session.Report.Document(
                StatusJson.Of(found, session.Hints, _failure is null ? null : session.Report.ErrorOf(_failure))
            );
        }

        return Code;
    }
}
