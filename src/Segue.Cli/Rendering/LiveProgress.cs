using Segue.Execution;
using Segue.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Segue.Cli.Rendering;

/// <summary>For a terminal: the stages and the current step, redrawn in place.</summary>
internal sealed class LiveProgress(RunJournal journal, IAnsiConsole console, TimeProvider time) : IRunProgress
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();

    public void Show(RunEvent happened)
    {
        lock (_lock)
        {
            journal.Record(happened);
        }
    }

    public async Task<RunOutcome> FollowAsync(Func<Task<RunOutcome>> work)
    {
        RunOutcome outcome = new RunOutcome.Interrupted();
        await console
            .Live(View())
            .AutoClear(true)
            .StartAsync(async context =>
            {
                Task<RunOutcome> running = work();
                while (!running.IsCompleted)
                {
                    await Task.WhenAny(running, Task.Delay(Every, time));
                    context.UpdateTarget(View());
                }

                outcome = await running;
            });

        // Drawn once more, without the empty lines of its former size.
        journal.End(ExitCodes.Of(outcome) == ExitCode.Done);
        console.Write(View());
        return outcome;
    }

    /// <summary>The current view.</summary>
    public IRenderable View()
    {
        lock (_lock)
        {
            return new LiveView(journal, console.Profile.Capabilities.Unicode, console.Profile.Width).Render();
        }
    }
}
