using Segue.Planning;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>
/// A key under <c>limits</c> in <c>segue.yaml</c>, for a front end that lets a person override it: the same ranges and
/// messages.
/// </summary>
public sealed class LimitKey
{
    private readonly Func<SegueSettings, string, string, SegueSettings> _over;

    private LimitKey(
        string name,
        string description,
        string preset,
        Func<SegueSettings, string, string, SegueSettings> over
    ) => (Name, Description, Default, _over) = (name, description, preset, over);

    /// <summary><c>lock_timeout</c>: how long one attempt may queue for a lock that blocks an app.</summary>
    public static LimitKey LockTimeout { get; } =
        OfPlan(LimitsKeys.LockTimeout, (limits, value) => limits with { LockTimeoutMs = Milliseconds(value) });

    /// <summary><c>hold_budget</c>: how long such a lock may be held.</summary>
    public static LimitKey HoldBudget { get; } =
        OfPlan(LimitsKeys.HoldBudget, (limits, value) => limits with { HoldBudgetMs = Milliseconds(value) });

    /// <summary><c>batch_target</c>: the target duration of a backfill batch.</summary>
    public static LimitKey BatchTarget { get; } =
        OfPlan(LimitsKeys.BatchTarget, (limits, value) => limits with { BatchTargetMs = Milliseconds(value) });

    /// <summary><c>small_table</c>: up to this size a table is changed in one short transaction.</summary>
    public static LimitKey SmallTable { get; } =
        Of(
            LimitsKeys.SmallTable,
            (settings, bytes) => settings with { Plan = settings.Plan with { SmallTableBytes = bytes } }
        );

    /// <summary><c>lock_wait</c>: how long all attempts at one lock may take together.</summary>
    public static LimitKey LockWait { get; } =
        Of(LimitsKeys.LockWait, (settings, wait) => settings with { Run = settings.Run with { LockWait = wait } });

    /// <summary><c>duty_cycle</c>: the share of time a backfill works while an app is active.</summary>
    public static LimitKey DutyCycle { get; } =
        Of(LimitsKeys.DutyCycle, (settings, share) => settings with { Run = settings.Run with { DutyCycle = share } });

    /// <summary><c>quiet_for</c>: how long old code must not have written before a change is completed.</summary>
    public static LimitKey QuietFor { get; } =
        Of(LimitsKeys.QuietFor, (settings, time) => settings with { Run = settings.Run with { QuietFor = time } });

    /// <summary>As <c>segue.yaml</c> names it.</summary>
    public string Name { get; }

    /// <summary>What it limits, in a sentence.</summary>
    public string Description { get; }

    /// <summary>The value where nobody sets it, as it is written: <c>200ms</c>, <c>1MB</c>, <c>50%</c>.</summary>
    public string Default { get; }

    /// <summary>The settings with this limit at another value.</summary>
    /// <param name="settings">Not changed.</param>
    /// <param name="value">As in <c>segue.yaml</c>: <c>200ms</c>, <c>5s</c>, <c>1MB</c>, <c>50%</c>.</param>
    /// <param name="what">What the error calls the value. Default: the key's name.</param>
    /// <exception cref="FormatException">The value is invalid or out of range; the message says why.</exception>
    public SegueSettings Over(SegueSettings settings, string value, string? what = null) =>
        _over(settings, value, what ?? Name);

    private static LimitKey OfPlan(Key<LimitsContent, TimeSpan> key, Func<Limits, TimeSpan, Limits> set) =>
        Of(
            key,
            (settings, value) =>
                settings with
                {
                    Plan = settings.Plan with { Limits = set(settings.Plan.Limits, value) },
                }
        );

    private static LimitKey Of<T>(Key<LimitsContent, T> key, Func<SegueSettings, T, SegueSettings> set)
        where T : notnull =>
        new(
            key.Name,
            key.Description,
            ((ScalarNode)key.Value.Write(key.Default)).Text,
            (settings, text, what) => set(settings, key.Value.Parse(text, what))
        );

    private static int Milliseconds(TimeSpan value) => (int)value.TotalMilliseconds;
}
