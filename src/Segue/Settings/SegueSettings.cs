using Segue.Engines;

namespace Segue.Settings;

/// <summary>The content of <c>segue.yaml</c>. Every key is optional.</summary>
public sealed record SegueSettings
{
    /// <summary>The settings without a <c>segue.yaml</c>; paths are relative to the working directory.</summary>
    public static SegueSettings Default { get; } = new();

    /// <summary>
    /// The directory of change files. Absolute when read from a file: its directory comes first. Default
    /// <c>changes</c>.
    /// </summary>
    public string Changes { get; init; } = "changes";

    /// <summary>The databases by name. Default none.</summary>
    public IReadOnlyDictionary<string, DatabaseEnvironment> Environments { get; init; } =
        new Dictionary<string, DatabaseEnvironment>();

    /// <summary>
    /// The default environment; one of <see cref="Environments"/>. Default none, even if there is only one.
    /// </summary>
    public string? DefaultEnvironment { get; init; }

    /// <summary>How changes are planned.</summary>
    public PlanOptions Plan { get; init; } = new();

    /// <summary>Time limits of a run.</summary>
    public RunLimits Run { get; init; } = RunLimits.Default;

    /// <summary>When a fill pauses.</summary>
    public ThrottleSettings Throttle { get; init; } = ThrottleSettings.Default;
}
