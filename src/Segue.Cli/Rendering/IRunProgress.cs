using Segue.Execution;
using Segue.Running;

namespace Segue.Cli.Rendering;

/// <summary>Shows a run while it goes on: redrawn on a terminal, or a line now and then.</summary>
internal interface IRunProgress
{
    /// <summary>May be called from any thread.</summary>
    void Show(RunEvent happened);

    /// <summary>Shows what happens until the work has ended.</summary>
    Task<RunOutcome> FollowAsync(Func<Task<RunOutcome>> work);
}
