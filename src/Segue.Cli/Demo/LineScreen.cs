using Segue.Cli.Rendering;
using Segue.Running;

namespace Segue.Cli.Demo;

/// <summary>For logs: a line for each part, stage and step, and one about the traffic from time to time.</summary>
internal sealed class LineScreen(RunJournal journal, Sheet sheet, TimeProvider time) : IDemoScreen
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private const int SecondsPerLine = 5;

    private readonly Lock _lock = new();
    private readonly LineProgress _progress = new(journal, sheet, time);
    private TrafficWatch? _traffic;
    private string _doing = "";

    public async Task FollowAsync(Func<Task> work)
    {
        Task running = work();
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, Task.Delay(Every, time));
            Look();
        }

        await running;
    }

    public void Begin(string doing)
    {
        _doing = doing;
        Write($"{doing} ...");
    }

    public void End(string? done = null) => Write(done ?? $"{_doing}: done", Ink.Good);

    public void Say(string apps) => Write($"  {apps}");

    public void Show(RunEvent happened)
    {
        lock (_lock)
        {
            _progress.Show(happened);
        }
    }

    public void Watch(TrafficWatch traffic) => _traffic = traffic;

    private void Look()
    {
        if (_traffic is not { } traffic)
        {
            return;
        }

        int seen = traffic.Moments.Count;
        traffic.Look();
        if (traffic.Moments.Count > seen && traffic.Moments.Count % SecondsPerLine == 0 && traffic.Now is { } now)
        {
            Write(
                $"  traffic: {TrafficWords.Rate(now)}, {TrafficWords.Latency(now)}, {TrafficWords.Failed(traffic)}",
                traffic.Total.Failed == 0 ? Ink.Faint : Ink.Bad
            );
        }
    }

    private void Write(string text, Ink ink = Ink.Plain)
    {
        lock (_lock)
        {
            sheet.Line(($"{journal.Elapsed:hh\\:mm\\:ss} ", Ink.Faint), ($"{journal.Change} ", Ink.Faint), (text, ink));
        }
    }
}
