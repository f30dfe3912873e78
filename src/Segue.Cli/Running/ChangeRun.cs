using Segue.Cli.Rendering;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>One run of one change, with its progress.</summary>
internal sealed class ChangeRun
{
    private readonly IRunProgress _progress;

    /// <param name="stages">The stages known beforehand.</param>
    public ChangeRun(Session session, string change, IEnumerable<string> stages)
    {
        Host host = session.Host;
        Journal = new RunJournal(change, stages, host.Time);
        _progress = host.IsLive
            ? new LiveProgress(Journal, host.Error, host.Time)
            : new LineProgress(Journal, session.Report.Remarks, host.Time);
    }

    public RunJournal Journal { get; }

    public Task<RunOutcome> FollowAsync(Func<IProgress<RunEvent>, Task<RunOutcome>> work) =>
        _progress.FollowAsync(() => work(new RunEvents(_progress.Show)));

    public static IEnumerable<string> StagesOf(Plan plan) => plan.Stages.Select(stage => Text.SnakeCase(stage.Name));
}
