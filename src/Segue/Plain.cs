namespace Segue;

/// <summary>Figures in plain words.</summary>
public static class Plain
{
    /// <summary>E.g. <c>35 ms</c>, <c>4.2 s</c>, <c>12 min</c>, <c>3.5 h</c>, <c>7 days</c>.</summary>
    public static string Duration(TimeSpan duration) =>
        duration switch
        {
            { TotalMilliseconds: < 10 } => $"{duration.TotalMilliseconds:0.#} ms",
            { TotalSeconds: < 1 } => $"{duration.TotalMilliseconds:0} ms",
            { TotalMinutes: < 1 } => $"{duration.TotalSeconds:0.0} s",
            { TotalHours: < 1 } => $"{duration.TotalMinutes:0} min",
            { TotalDays: < 2 } => $"{duration.TotalHours:0.0} h",
            _ => $"{duration.TotalDays:0.#} days",
        };

    /// <summary>E.g. <c>8 kB</c>, <c>252 MB</c>, <c>1.4 GB</c> (powers of 1024, as the servers print them).</summary>
    public static string Bytes(long bytes) =>
        bytes switch
        {
            < 1024 => $"{bytes} B",
            < 1024 * 1024 => $"{bytes / 1024.0:0} kB",
            < 1024L * 1024 * 1024 => $"{bytes / 1024.0 / 1024:0.#} MB",
            _ => $"{bytes / 1024.0 / 1024 / 1024:0.##} GB",
        };

    /// <summary>E.g. <c>1,000,000</c>.</summary>
    public static string Count(long count) => count.ToString("N0");
}
