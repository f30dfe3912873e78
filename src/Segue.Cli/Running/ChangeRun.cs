using Segue.Cli.Rendering;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>One run of one change, shown while it goes on.</summary>
internal sealed class ChangeRun
{
    private readonly Session _session;
    private readonly IRunProgress _progress;

    /// <param name="stages">The stages known beforehand.</param>
    public ChangeRun(Session session, string change, IEnumerable<string> stages)
    {
        _session = session;
        Host host = session.Host;
        Journal = new RunJournal(change, stages, host.Time);
        _progress = host.IsLive
            ? new LiveProgress(Journal, host.Error, host.Time)
            : new LineProgress(Journal, session.Report.Remarks, host.Time);
    }

    public RunJournal Journal { get; }

    public Task<RunOutcome> FollowAsync(Func<Runner, Task<RunOutcome>> work)
    {
        Runner runner = new(_session.Engine, _session.RunOptions, _progress.Show, _session.Host.Time);
        return _progress.FollowAsync(() => work(runner));
    }

    public static IEnumerable<string> StagesOf(Plan plan) => plan.Stages.Select(stage => Text.SnakeCase(stage.Name));
}
