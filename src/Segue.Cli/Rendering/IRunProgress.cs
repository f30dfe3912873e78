using Segue.Execution;
using Segue.Running;

namespace Segue.Cli.Rendering;

/// <summary>Shows a run: redrawn on a terminal, otherwise a line from time to time.</summary>
internal interface IRunProgress
{
    /// <summary>May be called from any thread.</summary>
    void Show(RunEvent happened);

    /// <summary>Shows events until the work has ended.</summary>
    Task<RunOutcome> FollowAsync(Func<Task<RunOutcome>> work);
}
