using Segue.Changes;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>What counts as small, and what becomes of a small table that takes too long.</summary>
public class SmallTableTests
{
    private const string Derive =
        "operations:\n  - add_column: { table: docs, name: kind, type: text, derive: \"doc->>'kind'\" }";

    private const string SlowFill =
        "operations:\n  - add_column: { table: docs, name: kind, type: int, backfill: slow(doc) }";

    [Theory, PostgresVersions(14, 18)]
    public async Task Values_stored_out_of_line_count_for_the_size_of_a_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        db.Planning = new();
        await db.ExecuteAsync(
            """
            CREATE TABLE docs (id int PRIMARY KEY, doc jsonb NOT NULL);
            ALTER TABLE docs ALTER doc SET STORAGE EXTERNAL;
            INSERT INTO docs SELECT g, jsonb_build_object('kind', 'k' || g, 'body', repeat('x', 2000000))
                FROM generate_series(1, 5) g;
            """
        );

        Plan plan = await db.PlannedAsync(Derive);

        plan.Stages.Select(stage => stage.Name).ShouldContain(StageName.Backfill);
        plan.Steps().First().Estimate!.Bytes.ShouldBeGreaterThan(10_000_000);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_small_table_that_exceeds_the_hold_budget_is_changed_in_stages(int major)
    {
        await using TestDatabase db = await WithSlowFillAsync(major);
        (await db.PlannedAsync(SlowFill)).Stages.Select(stage => stage.Name).ShouldNotContain(StageName.Backfill);

        (await db.ApplyAsync(SlowFill)).ShouldWaitAtGate();

        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note => note.Message.Contains("The change is planned again: in stages"));
        (await db.ScalarAsync<long>("SELECT count(*) FROM docs WHERE kind = doc")).ShouldBe(100);
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_of_a_small_table_that_fail_after_planning_are_reported_by_key(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        db.Planning = new();
        await db.ExecuteAsync(
            "CREATE TABLE docs (id int PRIMARY KEY, doc int); INSERT INTO docs SELECT g, g FROM "
                + "generate_series(1, 100) g"
        );
        const string Change =
            "operations:\n  - add_column: { table: docs, name: kind, type: int, backfill: 100 / doc }";
        db.Happened = Once(() => db.ExecuteAsync("UPDATE docs SET doc = 0 WHERE id IN (7, 9)"));

        string message = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain(
            "the expression raises an error for 2 of the 100 rows of public.docs that it was tried on: division by "
                + "zero (SQLSTATE 22012) for id=7, id=9. Correct these rows first"
        );
        (await db.ScalarAsync<string>("SELECT error FROM segue.change")).ShouldBe(message);
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'docs'::regclass AND attname = 'kind'"
            )
        ).ShouldBe(0);

        await db.ExecuteAsync("UPDATE docs SET doc = id WHERE doc = 0");
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        (await db.ScalarAsync<long>("SELECT count(*) FROM docs WHERE kind = 100 / id")).ShouldBe(100);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_small_table_with_violating_rows_is_changed_in_stages_that_name_them(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        db.Planning = new();
        await db.ExecuteAsync(
            "CREATE TABLE docs (id int PRIMARY KEY, doc int); INSERT INTO docs SELECT g, g FROM "
                + "generate_series(1, 100) g"
        );

        string message = (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: docs, name: kind, type: int, backfill: doc, check: kind <> 50 }"
            )
        )
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message;

        message.ShouldContain(
            "kind satisfies its CHECK: 1 of 100 rows of \"public\".\"docs\" violate this, e.g. id=50."
        );
    }

    /// <summary>Something that an app does as soon as the change has begun.</summary>
    private static Action<RunEvent> Once(Func<Task> act)
    {
        bool isDone = false;
        return happened =>
        {
            if (happened is RunEvent.StepStarted && !isDone)
            {
                isDone = true;
                act().GetAwaiter().GetResult();
            }
        };
    }

    [Theory, PostgresVersions(18)]
    public async Task An_approved_plan_is_not_replaced_by_one_in_stages(int major)
    {
        await using TestDatabase db = await WithSlowFillAsync(major);
        string approved = PlanJson.Hash(await db.PlannedAsync(SlowFill));

        Outcomes
            .Words(await db.ApplyAsync(SlowFill, approved: approved))
            .ShouldContain("The change can run in stages, but that is another plan than the one that was shown.");

        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'docs'::regclass AND attname = 'kind'"
            )
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions(18)]
    public async Task A_shown_plan_is_replaced_by_one_in_stages_only_where_the_caller_allows_that(int major)
    {
        await using TestDatabase db = await WithSlowFillAsync(major);
        await using PostgresEngine engine = db.Engine();
        Change change = TestDatabase.Read(SlowFill, "0001_test");
        PlannedChange shown = (await PlannedChange.PlanAsync(engine, change, db.Planning, default)).Planned!;
        Runner runner = new(engine, db.Options.ToOptions("test"), _ => { }, TimeProvider.System);

        Outcomes
            .Words(await runner.ApplyAsync(shown, new ApplyRequest(), default))
            .ShouldContain("The change can run in stages, but that is another plan than the one that was shown.");
        (await runner.ApplyAsync(shown, new ApplyRequest { MayStage = true }, default)).ShouldWaitAtGate();
    }

    [Theory, PostgresVersions(18)]
    public async Task A_plan_in_stages_continues_after_a_lost_connection(int major)
    {
        await using TestDatabase db = await WithSlowFillAsync(major);
        await using PostgresEngine engine = db.Engine(new PostgresEngineSettings { ApplicationName = "lost" });
        Change change = TestDatabase.Read(SlowFill, "0001_test");
        PlannedChange shown = (await PlannedChange.PlanAsync(engine, change, db.Planning, default)).Planned!;
        bool isLost = false;
        Runner runner = new(
            engine,
            db.Options.ToOptions("test"),
            happened =>
            {
                if (!isLost && happened is RunEvent.StageStarted { Stage: "backfill" })
                {
                    isLost = true;
                    db.ExecuteAsync(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lost'"
                        )
                        .GetAwaiter()
                        .GetResult();
                }
            },
            TimeProvider.System
        );

        (await runner.ApplyAsync(shown, new ApplyRequest { MayStage = true }, default)).ShouldWaitAtGate();

        isLost.ShouldBeTrue();
    }

    /// <summary>A table of one block whose fill takes 400 ms.</summary>
    private static async Task<TestDatabase> WithSlowFillAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE docs (id int PRIMARY KEY, doc int);
            INSERT INTO docs SELECT g, g FROM generate_series(1, 100) g;
            CREATE FUNCTION slow(int) RETURNS int
                LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN pg_sleep(0.004) IS NOT NULL THEN $1 END';
            """
        );
        db.Planning = new() { Limits = Limits.Default with { HoldBudgetMs = 150 } };
        return db;
    }
}
