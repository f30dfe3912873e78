namespace Segue.Cli.Demo;

/// <summary>Traffic in words and signs.</summary>
internal static class TrafficWords
{
    private const string Blocks = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588";
    private const string Ascii = "_.-:=+*#";

    // A step of the sparkline doubles the latency: half a millisecond is low, 64 ms is at the top.
    private const double Lowest = 0.5;

    public static string Rate(TrafficMoment now) => $"{now.Rate:0} requests/s";

    public static string Latency(TrafficMoment now) =>
        $"p99 {Plain.Duration(now.P99)}, slowest {Plain.Duration(now.Max)}";

    public static string Failed(TrafficWatch traffic) =>
        $"{Plain.Count(traffic.Total.Failed)} failed of {Plain.Count(traffic.Total.Requests)}";

    public static char Bar(TimeSpan latency, bool unicode)
    {
        string steps = unicode ? Blocks : Ascii;
        int step = (int)Math.Round(Math.Log2(Math.Max(latency.TotalMilliseconds, Lowest) / Lowest));
        return steps[Math.Min(step, steps.Length - 1)];
    }
}
