using Segue.Changes;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Tests.Execution;

/// <summary>
/// On a server whose short steps commit by themselves a runner can die between a statement and its record.
/// </summary>
public sealed class CommitTests
{
    [Fact]
    public async Task An_unrecorded_effect_is_rolled_back()
    {
        SelfCommitting engine = new(PlanOf(Adds("a"), Adds("b")));
        await ApplyUntilDeathAsync(engine, "+b");
        engine.There.ShouldBe(["a", "b"]);

        (await RunnerOf(engine).RollbackAsync("x", default)).ShouldBeOfType<RunOutcome.RolledBack>();

        engine.There.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unrecorded_effect_is_found_and_not_repeated()
    {
        SelfCommitting engine = new(PlanOf(Adds("a"), Adds("b")));
        await ApplyUntilDeathAsync(engine, "+a");

        RunOutcome outcome = await ApplyAsync(engine);

        outcome.ShouldBeOfType<RunOutcome.Completed>();
        engine.Executed.ShouldBe(["+a", "+b"]);
        (await engine.Memory.StepsAsync("x", default)).ShouldAllBe(step => step.State == StepState.Done);
    }

    [Fact]
    public async Task An_unrecorded_undo_is_found_and_not_repeated()
    {
        SelfCommitting engine = new(PlanOf(Adds("a"), Adds("b")));
        await ApplyUntilDeathAsync(engine, "+b");
        engine.DiesAfter = "-b";
        await DiesAsync(() => RunnerOf(engine).RollbackAsync("x", default));

        (await RunnerOf(engine).RollbackAsync("x", default)).ShouldBeOfType<RunOutcome.RolledBack>();

        engine.Executed.ShouldBe(["+a", "+b", "-b", "-a"]);
    }

    [Fact]
    public async Task A_statement_that_still_runs_is_waited_for_and_not_sent_twice()
    {
        SelfCommitting engine = new(PlanOf(Adds("a"))) { Running = ("+a", 2) };

        (await ApplyAsync(engine)).ShouldBeOfType<RunOutcome.Completed>();

        engine.Executed.ShouldBe(["+a"]);
    }

    [Fact]
    public async Task A_statement_that_still_runs_is_ended_before_the_rollback()
    {
        SelfCommitting engine = new(PlanOf(Adds("a"), Adds("b")));
        await ApplyUntilDeathAsync(engine, "+a");
        engine.Running = ("+b", 1);

        (await RunnerOf(engine).RollbackAsync("x", default)).ShouldBeOfType<RunOutcome.RolledBack>();

        engine.Running.ShouldBeNull();
        engine.There.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unrecorded_drop_without_an_undo_prevents_the_rollback()
    {
        DdlStep drop = Adds("a") with { Id = "drop", Statements = ["-a"], Applied = "-a", Undo = [] };
        SelfCommitting engine = new(PlanOf(drop) with { Stages = [new Stage(StageName.Contract, [drop])] });
        engine.There.Add("a");
        await ApplyUntilDeathAsync(engine, "-a");

        RunOutcome outcome = await RunnerOf(engine).RollbackAsync("x", default);

        outcome.ShouldBeOfType<RunOutcome.Refused>().Problems[0].What.ShouldContain("past its contract stage");
    }

    [Fact]
    public async Task An_object_with_the_name_of_an_unrecorded_step_stays()
    {
        DdlStep whole = Adds("b") with { Commit = Commit.WithRecord };
        SelfCommitting engine = new(PlanOf(Adds("a"), whole));
        await ApplyUntilDeathAsync(engine, "+a");
        engine.There.Add("b");

        (await RunnerOf(engine).RollbackAsync("x", default)).ShouldBeOfType<RunOutcome.RolledBack>();

        engine.There.ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_plan_that_could_not_be_resumed_is_never_begun()
    {
        SelfCommitting engine = new(PlanOf(Adds("a") with { Applied = null }));

        await Should.ThrowAsync<InvalidOperationException>(() => ApplyAsync(engine));

        (await engine.Memory.FindAsync("x", default)).ShouldBeNull();
        engine.Executed.ShouldBeEmpty();
    }

    private static Change Change { get; } =
        new()
        {
            Name = "x",
            ContentHash = "hash",
            Operations = [],
        };

    private static DdlStep Adds(string name) =>
        new()
        {
            Id = name,
            Title = $"add {name}",
            Impact = new Impact { Locks = [], Cost = Cost.Metadata },
            Commit = Commit.EachStatement,
            Statements = [$"+{name}"],
            Applied = $"+{name}",
            Undo =
            [
                new DdlStep
                {
                    Id = $"{name}/undo",
                    Title = $"drop {name}",
                    Impact = new Impact { Locks = [], Cost = Cost.Metadata },
                    Commit = Commit.EachStatement,
                    Statements = [$"-{name}"],
                    Applied = $"-{name}",
                },
            ],
        };

    private static Stage Expand(params Step[] steps) => new(StageName.Expand, steps);

    private static Plan PlanOf(params Step[] steps) =>
        new()
        {
            Change = "x",
            ChangeHash = "hash",
            Engine = "fake",
            ServerVersion = 1,
            Limits = Limits.Default,
            SearchPath = [],
            Fingerprint = [],
            Stages = [Expand(steps)],
        };

    private static Runner RunnerOf(SelfCommitting engine) =>
        new(engine, new RunOptions { Runner = "test" }, _ => { }, TimeProvider.System);

    private static Task<RunOutcome> ApplyAsync(SelfCommitting engine) =>
        RunnerOf(engine).ApplyAsync(engine, Change, new PlanOptions(), new ApplyRequest(), default);

    private static Task ApplyUntilDeathAsync(SelfCommitting engine, string statement)
    {
        engine.DiesAfter = statement;
        return DiesAsync(() => ApplyAsync(engine));
    }

    private static async Task DiesAsync(Func<Task> life) =>
        (await Should.ThrowAsync<InvalidOperationException>(life)).Message.ShouldBe("The runner died.");
}
