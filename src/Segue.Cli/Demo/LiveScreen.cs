using Segue.Cli.Rendering;
using Segue.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Segue.Cli.Demo;

/// <summary>
/// For a terminal: the demo's parts and the change's stages above, the traffic below, redrawn in place.
/// </summary>
internal sealed class LiveScreen(RunJournal journal, IAnsiConsole console, TimeProvider time) : IDemoScreen
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<DemoPart> _before = [];
    private readonly List<DemoPart> _after = [];
    private TrafficWatch? _traffic;
    private string _apps = "";
    private DemoPart? _part;

    public async Task FollowAsync(Func<Task> work)
    {
        lock (_lock)
        {
            _before.Clear();
        }

        // Started before it is first drawn: a live display that starts empty loses its place.
        Task running = work();
        try
        {
            await console.Live(View()).AutoClear(true).StartAsync(context => RedrawAsync(running, context));
        }
        finally
        {
            // Drawn once more, without the lines that were left empty when it shrank.
            console.Write(View());
        }
    }

    public void Begin(string doing)
    {
        lock (_lock)
        {
            _part = new DemoPart(doing, time.GetTimestamp());
            bool hasBegun = journal.Stages.Any(stage => stage.State != StageState.Pending);
            (hasBegun ? _after : _before).Add(_part);
        }
    }

    public void End(string? done = null)
    {
        lock (_lock)
        {
            _part!.End(done, time.GetElapsedTime(_part.Began));
        }
    }

    public void Say(string apps)
    {
        lock (_lock)
        {
            _apps = apps;
        }
    }

    public void Show(RunEvent happened)
    {
        lock (_lock)
        {
            journal.Record(happened);
        }
    }

    public void Watch(TrafficWatch traffic)
    {
        lock (_lock)
        {
            _traffic = traffic;
        }
    }

    /// <summary>The current view.</summary>
    public IRenderable View()
    {
        lock (_lock)
        {
            return new DemoView(console.Profile.Capabilities.Unicode, console.Profile.Width, time).Render(
                _before,
                _after,
                journal,
                _apps,
                _traffic
            );
        }
    }

    private async Task RedrawAsync(Task running, LiveDisplayContext context)
    {
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(Every, time));
            lock (_lock)
            {
                _traffic?.Look();
            }

            context.UpdateTarget(View());
        }

        await running;
    }
}

/// <summary>A part of the demo that is not a stage of the change.</summary>
internal sealed class DemoPart(string title, long began)
{
    public string Title { get; private set; } = title;

    public long Began => began;

    /// <summary>Null while it continues.</summary>
    public TimeSpan? Took { get; private set; }

    public void End(string? done, TimeSpan took) => (Title, Took) = (done ?? Title, took);
}
