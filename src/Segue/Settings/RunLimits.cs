using Segue.Execution;
using Segue.Running;

namespace Segue.Settings;

/// <summary>Time limits of a run.</summary>
public sealed record RunLimits
{
    public static RunLimits Default { get; } = new();

    /// <summary>How long all attempts at one lock may take together. Default 5 minutes.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a run tries to reconnect to a server. Default 2 minutes.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A deadline for one index build or validation. Default 24 hours.</summary>
    public TimeSpan OnlineDeadline { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The share of time a backfill may work while an app is active. 0.01 to 1, default 0.33.</summary>
    public double DutyCycle { get; init; } = 0.33;

    /// <summary>The runner's options, all else at its default.</summary>
    /// <param name="runner">See <see cref="RunOptions.Runner"/>.</param>
    public RunOptions ToOptions(string runner) =>
        new()
        {
            Runner = runner,
            LockWait = LockWait,
            Reconnect = Reconnect,
            OnlineDeadline = OnlineDeadline,
            DutyCycle = DutyCycle,
        };
}
