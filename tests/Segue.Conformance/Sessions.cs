using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Shouldly;

namespace Segue.Conformance;

/// <summary>What tests do with an engine.</summary>
public static class Sessions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    public static async Task<Lease> AcquireAsync(this IEngine engine, TimeSpan? validFor = null)
    {
        await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        return (
            await engine.Records.Leases.TryAcquireAsync(
                "test",
                validFor ?? TimeSpan.FromMinutes(1),
                CancellationToken.None
            )
        ).Lease.ShouldNotBeNull();
    }

    public static async Task<Plan> PlannedAsync(this IEngine engine, string file) =>
        await engine.Planner.PlanAsync(SampleChanges.Read(file), Staged, CancellationToken.None) switch
        {
            PlanOutcome.Planned planned => planned.Plan,
            PlanOutcome.Refused refused => throw new InvalidOperationException(string.Join('\n', refused.Problems)),
            PlanOutcome.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Problems)),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>Planned, and stored with every step pending.</summary>
    public static async Task<Plan> BegunAsync(this IEngine engine, string file, Lease lease)
    {
        Plan plan = await engine.PlannedAsync(file);
        await engine.Records.Ledger.BeginAsync(plan, Origin, lease, CancellationToken.None);
        return plan;
    }

    /// <summary>
    /// Small tables take the road of large ones; a busy machine may hold a lock for longer than a server may.
    /// </summary>
    public static PlanOptions Staged { get; } =
        new()
        {
            SmallTableBytes = 0,
            Limits = new Limits { HoldBudgetMs = 10_000 },
        };

    public static ChangeOrigin Origin { get; } = new(null, null, "test");

    internal static RunOptions Options { get; } =
        new()
        {
            Runner = "test",
            LockWait = TimeSpan.FromSeconds(30),
            Reconnect = TimeSpan.FromSeconds(30),
            QuietFor = TimeSpan.Zero,
        };

    internal static Runner Runner(this IEngineTarget target, IEngine engine, Action<RunEvent>? emit = null) =>
        new(engine, Options, emit ?? (_ => { }), target.Time);

    internal static Task<RunOutcome> ApplyAsync(
        this Runner runner,
        IEngine engine,
        string file,
        StageName? until = null,
        string name = SampleChanges.Name,
        CancellationToken cancel = default
    ) =>
        runner.ApplyAsync(
            engine,
            SampleChanges.Read(file, name),
            Staged,
            new ApplyRequest { Until = until, Origin = Origin },
            cancel
        );

    /// <summary>By an engine of its own, which is gone afterwards.</summary>
    public static async Task<RunOutcome> ApplyAsync(this IEngineTarget target, string file, StageName? until = null)
    {
        await using IEngine engine = target.Open();
        return await target.Runner(engine).ApplyAsync(engine, file, until);
    }

    public static async Task UntilAsync(this IEngineTarget target, string what, Func<Task<bool>> condition)
    {
        long began = target.Time.GetTimestamp();
        while (!await condition())
        {
            (target.Time.GetElapsedTime(began) < Patience).ShouldBeTrue($"It did not come true in time: {what}");
            await Task.Delay(Poll, target.Time);
        }
    }

    /// <summary>It fails because another lease is in force.</summary>
    public static async Task ShouldBeFencedAsync(this IEngine engine, Func<Task> write)
    {
        Exception error = await Should.ThrowAsync<Exception>(write);
        engine.Execution.Classify(error).ShouldBe(ErrorClass.LeaseLost, error.ToString());
    }
}
