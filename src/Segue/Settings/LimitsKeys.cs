using Segue.Engines;
using Segue.Planning;
using Segue.Running;
using Segue.Yaml;

namespace Segue.Settings;

/// <summary>The values under <c>limits</c>: the plan's and the run's.</summary>
internal sealed record LimitsContent(PlanOptions Plan, RunLimits Run);

/// <summary>The keys of <c>limits</c>.</summary>
internal static class LimitsKeys
{
    private static readonly DurationValue Patience = new(
        RunOptions.PatienceBounds.Least,
        RunOptions.PatienceBounds.Most
    );

    public static readonly Key<LimitsContent, TimeSpan> LockTimeout = Milliseconds(
        "lock_timeout",
        Limits.LockTimeoutBounds,
        limits => limits.LockTimeoutMs,
        "How long one attempt may queue for a lock that blocks an app."
    );

    public static readonly Key<LimitsContent, TimeSpan> HoldBudget = Milliseconds(
        "hold_budget",
        Limits.HoldBudgetBounds,
        limits => limits.HoldBudgetMs,
        "How long such a lock may be held."
    );

    public static readonly Key<LimitsContent, TimeSpan> PatientLockTimeout = Milliseconds(
        "patient_lock_timeout",
        Limits.PatientLockTimeoutBounds with
        {
            Least = 100,
        },
        limits => limits.PatientLockTimeoutMs,
        "How long to wait for a lock that blocks no app. Use more than the second after which the server's own "
            + "upkeep yields it."
    );

    public static readonly Key<LimitsContent, TimeSpan> BatchTarget = Milliseconds(
        "batch_target",
        Limits.BatchTargetBounds,
        limits => limits.BatchTargetMs,
        "The target duration of a backfill batch."
    );

    public static readonly Key<LimitsContent, TimeSpan> RowLockTimeout = Milliseconds(
        "row_lock_timeout",
        Limits.RowLockTimeoutBounds,
        limits => limits.RowLockTimeoutMs,
        "How long a batch waits for a row that an app has locked."
    );

    public static readonly Key<LimitsContent, long> SmallTable = new(
        "small_table",
        new SizeValue(PlanOptions.SmallTableBounds.Least, PlanOptions.SmallTableBounds.Most),
        limits => limits.Plan.SmallTableBytes,
        "A table up to this size is changed in one short transaction; 0B for never."
    )
    {
        Default = new PlanOptions().SmallTableBytes,
    };

    public static readonly Key<LimitsContent, TimeSpan> LockWait = new(
        "lock_wait",
        Patience,
        limits => limits.Run.LockWait,
        "How long all attempts at one lock may take together."
    )
    {
        Default = RunLimits.Default.LockWait,
    };

    public static readonly Key<LimitsContent, TimeSpan> Reconnect = new(
        "reconnect",
        Patience,
        limits => limits.Run.Reconnect,
        "How long a run tries to reconnect to a server."
    )
    {
        Default = RunLimits.Default.Reconnect,
    };

    public static readonly Key<LimitsContent, TimeSpan> OnlineDeadline = new(
        "online_deadline",
        new DurationValue(TimeSpan.FromMinutes(1), RunOptions.OnlineDeadlineBounds.Most),
        limits => limits.Run.OnlineDeadline,
        "How long one index build or validation may take."
    )
    {
        Default = RunLimits.Default.OnlineDeadline,
    };

    public static readonly Key<LimitsContent, double> DutyCycle = new(
        "duty_cycle",
        new ShareValue(),
        limits => limits.Run.DutyCycle,
        "The share of time a backfill works while an app is active."
    )
    {
        Default = RunLimits.Default.DutyCycle,
    };

    public static readonly Key<LimitsContent, TimeSpan> QuietFor = new(
        "quiet_for",
        new DurationValue(RunOptions.QuietBounds.Least, RunOptions.QuietBounds.Most),
        limits => limits.Run.QuietFor,
        "A change is not completed if old code wrote within this time; 0s turns the check off."
    )
    {
        Default = RunLimits.Default.QuietFor,
    };

    public static MapValue<LimitsContent> Value { get; } =
        new(
            new MapShape<LimitsContent>(
                "limits",
                "How long Segue may delay an app. Durations: 200ms, 5s, 2min, 1h. Sizes: 64kB, 1MB, 1GB. Shares: 50%.",
                [
                    LockTimeout,
                    HoldBudget,
                    PatientLockTimeout,
                    BatchTarget,
                    RowLockTimeout,
                    SmallTable,
                    LockWait,
                    Reconnect,
                    OnlineDeadline,
                    DutyCycle,
                    QuietFor,
                ],
                fields => new LimitsContent(
                    new PlanOptions { Limits = PlanLimits(fields), SmallTableBytes = fields.Get(SmallTable) },
                    new RunLimits
                    {
                        LockWait = fields.Get(LockWait),
                        Reconnect = fields.Get(Reconnect),
                        OnlineDeadline = fields.Get(OnlineDeadline),
                        DutyCycle = fields.Get(DutyCycle),
                        QuietFor = fields.Get(QuietFor),
                    }
                )
            )
        );

    private static Limits PlanLimits(Fields<LimitsContent> fields) =>
        new()
        {
            LockTimeoutMs = (int)fields.Get(LockTimeout).TotalMilliseconds,
            HoldBudgetMs = (int)fields.Get(HoldBudget).TotalMilliseconds,
            PatientLockTimeoutMs = (int)fields.Get(PatientLockTimeout).TotalMilliseconds,
            BatchTargetMs = (int)fields.Get(BatchTarget).TotalMilliseconds,
            RowLockTimeoutMs = (int)fields.Get(RowLockTimeout).TotalMilliseconds,
        };

    private static Key<LimitsContent, TimeSpan> Milliseconds(
        string name,
        Bounds<int> bounds,
        Func<Limits, int> get,
        string description
    ) =>
        new(
            name,
            new DurationValue(TimeSpan.FromMilliseconds(bounds.Least), TimeSpan.FromMilliseconds(bounds.Most)),
            limits => TimeSpan.FromMilliseconds(get(limits.Plan.Limits)),
            description
        )
        {
            Default = TimeSpan.FromMilliseconds(get(Limits.Default)),
        };
}
