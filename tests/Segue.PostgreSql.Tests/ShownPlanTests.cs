using Segue.Changes;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>What was shown is what runs: the plan is not made a second time behind the reader's back.</summary>
public class ShownPlanTests
{
    private const string Setup = "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE u (id int PRIMARY KEY)";
    private const string Note = "operations: [{ add_column: { table: t, name: note, type: text } }]";

    [Theory, PostgresVersions(14, 18)]
    public async Task The_plan_that_was_shown_runs_although_options_and_other_tables_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        PlannedChange shown = await ShownAsync(db, Note);

        await db.ExecuteAsync("ALTER TABLE u ADD b int; CREATE INDEX ON t (a)");

        (await ApplyAsync(db, shown)).ShouldBeOfType<RunOutcome.Completed>();
        (await db.ScalarAsync<string>("SELECT plan_hash FROM segue.change")).ShouldBe(shown.Hash);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_changed_since_planning_begins_nothing_if_its_plan_differs(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        PlannedChange shown = await ShownAsync(db, Note);

        await db.ExecuteAsync("ALTER TABLE t ALTER a TYPE bigint");

        Problem problem = (await ApplyAsync(db, shown)).ShouldBeOfType<RunOutcome.Refused>().Problems[0];
        problem.What.ShouldContain("the database changed after the plan was shown");
        problem.What.ShouldContain("Gone or altered: column public.t.a integer");
        problem.What.ShouldContain("New: column public.t.a bigint");
        problem.Remedy.ShouldContain("Check the new plan");
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.change")).ShouldBe(0);
    }

    [Theory, PostgresVersions(18)]
    public async Task An_object_created_meanwhile_is_refused_when_planned_under_the_lease(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        PlannedChange shown = await ShownAsync(db, Note);

        await db.ExecuteAsync("ALTER TABLE t ADD note text");

        (await ApplyAsync(db, shown)).ShouldBeOfType<RunOutcome.Invalid>().Problems[0].What.ShouldContain("note");
    }

    [Theory, PostgresVersions(18)]
    public async Task A_change_begun_with_another_plan_is_not_resumed_with_the_shown_plan(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        const string Yaml =
            "operations: [{ add_column: { table: t, name: b, type: int, nullable: false, backfill: '1' } }]";
        PlannedChange shown = await ShownAsync(db, Yaml);
        PlannedChange other = await ShownAsync(db, Yaml, new Limits { HoldBudgetMs = 777 });

        (await ApplyAsync(db, other, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();

        (await ApplyAsync(db, shown))
            .ShouldBeOfType<RunOutcome.Refused>()
            .Problems[0]
            .What.ShouldContain("not with the one that was shown");
        (await ApplyAsync(db, other)).ShouldNotBeOfType<RunOutcome.Refused>();
    }

    private static async Task<PlannedChange> ShownAsync(TestDatabase db, string yaml, Limits? limits = null)
    {
        await using PostgresEngine engine = db.Engine();
        Change change = ((ChangeFileResult.Read)ChangeFileReader.ReadText("0001_test.yaml", yaml)).Change;
        PlanOptions options = new() { Limits = limits ?? Limits.Default, SmallTableBytes = 0 };
        return (await PlannedChange.PlanAsync(engine, change, options, CancellationToken.None)).Planned!;
    }

    private static async Task<RunOutcome> ApplyAsync(TestDatabase db, PlannedChange shown, StageName? until = null)
    {
        await using PostgresEngine engine = db.Engine();
        Runner runner = new(engine, new RunOptions { Runner = "test" }, _ => { }, TimeProvider.System);
        ApplyRequest request = new() { Origin = new ChangeOrigin(null, null, "test"), Until = until };
        return await runner.ApplyAsync(shown, request, CancellationToken.None);
    }
}
