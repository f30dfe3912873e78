using Segue.Engines;
using Segue.Execution;
using Segue.Planning;
using Segue.Running;
using Segue.Settings;

namespace Segue.Tests.Settings;

/// <summary>Options that a library caller sets are checked like those of a settings file.</summary>
public class OptionBoundsTests
{
    public static TheoryData<string, Action> OutOfRange =>
        new()
        {
            { "DutyCycle", () => _ = new RunOptions { Runner = "me", DutyCycle = 0 } },
            { "DutyCycle", () => _ = new RunOptions { Runner = "me", DutyCycle = double.NaN } },
            { "LockWait", () => _ = new RunOptions { Runner = "me", LockWait = TimeSpan.FromSeconds(-1) } },
            { "Reconnect", () => _ = new RunOptions { Runner = "me", Reconnect = TimeSpan.FromDays(2) } },
            { "LeaseTime", () => _ = new RunOptions { Runner = "me", LeaseTime = TimeSpan.Zero } },
            { "OnlineDeadline", () => _ = new RunOptions { Runner = "me", OnlineDeadline = TimeSpan.Zero } },
            { "LockTimeoutMs", () => _ = new Limits { LockTimeoutMs = 0 } },
            { "HoldBudgetMs", () => _ = new Limits { HoldBudgetMs = 60_001 } },
            { "PatientLockTimeoutMs", () => _ = new Limits { PatientLockTimeoutMs = -1 } },
            { "BatchTargetMs", () => _ = new Limits { BatchTargetMs = 4 } },
            { "RowLockTimeoutMs", () => _ = new Limits { RowLockTimeoutMs = 501 } },
            { "SmallTableBytes", () => _ = new PlanOptions { SmallTableBytes = -1 } },
            { "ReplicaLag", () => _ = new ThrottleSettings { ReplicaLag = TimeSpan.Zero } },
            { "ReplicaLagBytes", () => _ = new ThrottleSettings { ReplicaLagBytes = 1 } },
            { "MaxWal", () => _ = new ThrottleSettings { MaxWal = 1 } },
            { "LockWaiters", () => _ = new ThrottleSettings { LockWaiters = 0 } },
            { "LockWait", () => _ = new RunLimits { LockWait = TimeSpan.FromSeconds(-1) } },
            { "Reconnect", () => _ = new RunLimits { Reconnect = TimeSpan.FromDays(2) } },
            { "OnlineDeadline", () => _ = new RunLimits { OnlineDeadline = TimeSpan.Zero } },
            { "DutyCycle", () => _ = new RunLimits { DutyCycle = 1.5 } },
            { "Percent", () => _ = new FreeDisk(Percent: 100, Bytes: null) },
            { "Bytes", () => _ = new FreeDisk(Percent: null, Bytes: 1) with { Bytes = 0 } },
        };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void An_option_out_of_range_is_refused_by_its_name(string option, Action set)
    {
        ArgumentOutOfRangeException error = Should.Throw<ArgumentOutOfRangeException>(set);

        error.ParamName.ShouldBe(option);
        error.Message.ShouldContain($"{option} must be");
    }
}
