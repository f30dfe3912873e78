using System.Text;
using Segue.Lab.Traffic;

namespace Segue.Bench;

/// <summary>How an app's requests fared while a change was under way: as a whole, by stages and by steps.</summary>
internal sealed class LoadTable(TrafficRun traffic, WaitSampler waits)
{
    public const string RollOutAlone = "a roll-out without a change";

    private const string Baseline = "baseline";

    /// <summary>What the slowest request may take at half load.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<Mark> _marks = [];

    /// <summary>A stage, or a part of the measurement that is none, begins.</summary>
    public void Enter(string stage) => Add(new Mark(stage, Step: null, traffic.Elapsed));

    public void EnterStep(string title)
    {
        lock (_lock)
        {
            Add(new Mark(_marks[^1].Stage, title, traffic.Elapsed));
        }
    }

    /// <summary>How long an app waited for its strong lock, if it took one.</summary>
    public void EndStep(TimeSpan? wait, TimeSpan? hold)
    {
        lock (_lock)
        {
            _marks[^1] =
                wait is { } waited && hold is { } held
                    ? _marks[^1] with
                    {
                        Step =
                            $"{_marks[^1].Step} (lock waited for {Milliseconds(waited)} ms, held "
                            + $"{Milliseconds(held)} ms)",
                    }
                    : _marks[^1];
        }
    }

    public string Render()
    {
        Span[] spans = [.. Spans()];
        Span baseline = spans.First(span => span.Name == Baseline);
        TimeSpan begin = (spans.FirstOrDefault(span => span.Name == RollOutAlone) ?? baseline).To;
        TimeSpan end = spans[^1].From;
        StringBuilder text = new();
        text.AppendLine("| period | seconds | requests | failed | p50 ms | p99 ms | x baseline | max ms |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        double normal = Of(baseline).P99.TotalMilliseconds;
        Row(text, baseline, normal);
        Row(text, new Span("**the whole change**", begin, end), normal);
        foreach (Span span in spans.Where(span => span != baseline))
        {
            Row(text, span, normal);
        }

        text.AppendLine();
        Stalls(text, spans, begin, end);
        return text.ToString();
    }

    private void Add(Mark mark)
    {
        lock (_lock)
        {
            _marks.Add(mark);
        }
    }

    private void Row(StringBuilder text, Span span, double normal)
    {
        TrafficSummary sum = Of(span);
        text.AppendLine(
            $"| {span.Name} | {(span.To - span.From).TotalSeconds:0.0} | {sum.Requests:N0} | {sum.Failed} "
                + $"| {Milliseconds(sum.P50)} "
                + $"| {Milliseconds(sum.P99)} | {sum.P99.TotalMilliseconds / normal:0.0} | {Milliseconds(sum.Max)} |"
        );
    }

    private void Stalls(StringBuilder text, IReadOnlyList<Span> spans, TimeSpan from, TimeSpan to)
    {
        TrafficPoint[] slow =
        [
            .. traffic.Series().Where(point => point.At >= from && point.At < to && point.Max > Stall),
        ];
        text.AppendLine($"Moments with a request over {Stall.TotalMilliseconds:0} ms: {slow.Length}.");
        foreach (TrafficPoint point in slow)
        {
            string during = spans.Last(span => span.From <= point.At).Name.TrimStart('-', ' ');
            text.AppendLine(
                $"- {(point.At - from).TotalSeconds:0.00} s after the start, {Milliseconds(point.Max)} ms: "
                    + $"{during}: {waits.At(point.At, point.At + Slice)}"
            );
        }
    }

    private TrafficSummary Of(Span span) => traffic.Summary(span.From, span.To);

    private IEnumerable<Span> Spans()
    {
        for (int i = 0; i < _marks.Count; i++)
        {
            Mark mark = _marks[i];
            Mark? next = _marks.Skip(i + 1).FirstOrDefault(other => mark.Step is not null || other.Step is null);
            yield return new Span(
                mark.Step is null ? mark.Stage : $"- {mark.Step}",
                mark.At,
                next?.At ?? traffic.Elapsed
            );
        }
    }

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0.0}";

    /// <param name="Step">Null where the stage itself begins.</param>
    private sealed record Mark(string Stage, string? Step, TimeSpan At);

    private sealed record Span(string Name, TimeSpan From, TimeSpan To);
}
