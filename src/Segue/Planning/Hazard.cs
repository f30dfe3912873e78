namespace Segue.Planning;

/// <summary>Something a reader of the plan must know before it runs.</summary>
/// <param name="Code">Stable name, e.g. <c>user-triggers-fire</c>.</param>
/// <param name="Message">What, why, and what to do.</param>
public sealed record Hazard(string Code, string Message)
{
    /// <summary>How much it matters. Default: warning.</summary>
    public HazardSeverity Severity { get; init; } = HazardSeverity.Warning;

    /// <summary>The relation it is about, qualified and quoted; null where it is about none or several.</summary>
    public string? Relation { get; init; }

    /// <summary>Operations of the change that it comes from, by their place in <see cref="Plan.Operations"/>.</summary>
    public IReadOnlyList<int> Operations { get; init; } = [];

    /// <summary>Good to know; nothing fails.</summary>
    public static Hazard Notice(string code, string message) => new(code, message) { Severity = HazardSeverity.Notice };

    /// <summary>Requests can fail, or data is lost permanently, unless somebody prevents it.</summary>
    public static Hazard Danger(string code, string message) => new(code, message) { Severity = HazardSeverity.Danger };
}
