using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.Kinds;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Statements;

/// <summary>
/// Code of the database's own may do anything: what it locks is held against what was declared before any of it stays.
/// </summary>
public class UnknownCodeTests
{
    private const string Setup = """
        CREATE TABLE above (id int, x int); CREATE TABLE below () INHERITS (above);
        INSERT INTO below SELECT n, n FROM generate_series(1, 100) n; CREATE TABLE asked (id int);
        CREATE FUNCTION harm() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DROP TABLE above CASCADE;
            CREATE TABLE made (id int); RETURN 1; END $$;
        CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM harm(); RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON asked FOR EACH ROW EXECUTE FUNCTION on_insert();
        """;

    [Theory, PostgresVersions(14, 18)]
    public async Task Undeclared_effects_are_rolled_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        foreach (
            string statement in (string[])
                ["SELECT harm()", "DO $$ BEGIN PERFORM harm(); END $$", "INSERT INTO asked VALUES (1)"]
        )
        {
            string message = (await db.ApplyAsync($"operations:\n  - sql: {{ up: \"{statement}\" }}"))
                .ShouldBeOfType<RunOutcome.Failed>(statement)
                .Message;

            message.ShouldContain(
                "took locks that its plan does not declare: ACCESS EXCLUSIVE on \"public\".\"above\"; ACCESS "
                    + "EXCLUSIVE on \"public\".\"below\"."
            );
            (await db.ScalarAsync<long>("SELECT count(*) FROM above")).ShouldBe(100);
            (await db.ScalarAsync<bool>("SELECT to_regclass('made') IS NULL")).ShouldBeTrue();
            (await db.RollbackAsync()).ShouldBeRolledBack();
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Down_may_lock_objects_that_up_created(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE SCHEMA app; CREATE TABLE kept (id int);");
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);

        (
            await db.ApplyAsync(
                """
                operations:
                  - sql: { up: "CREATE TABLE app.made (id serial PRIMARY KEY)", down: DROP TABLE app.made }
                  - sql: { up: CREATE TABLE made (id int), down: DROP TABLE made }
                  - sql: { up: CREATE VIEW seen AS SELECT id FROM kept, down: DROP VIEW seen }
                  - sql: { up: CREATE SEQUENCE numbers, down: DROP SEQUENCE numbers }
                  - sql: { up: "CREATE STATISTICS app.together ON id, x FROM above", down: DROP STATISTICS app.together,
                      effect: [{ table: above, lock: share update exclusive }] }
                  - sql: { up: DROP TABLE kept, waits_for: nobody to read it,
                      effect: [{ table: kept, lock: access exclusive }] }
                """
            )
        ).ShouldWaitAtGate();

        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    /// <summary>A trigger's lock that is declared is let pass, though no plan can see it.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Locks_of_a_trigger_can_be_declared(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE totals (n int); CREATE TABLE asked (id int, note text); INSERT INTO asked VALUES (1);
            CREATE FUNCTION count_up() RETURNS trigger
                LANGUAGE plpgsql AS $$ BEGIN LOCK TABLE totals IN SHARE ROW EXCLUSIVE MODE; RETURN new; END $$;
            CREATE TRIGGER t BEFORE UPDATE ON asked FOR EACH ROW EXECUTE FUNCTION count_up();
            """
        );
        const string Undeclared = "operations:\n  - sql: { up: UPDATE asked SET note = 'x' WHERE id = 1 }";

        (await db.PlannedAsync(Undeclared)).Hazards.ShouldContain(hazard =>
            hazard.Code == "unknown-code" && hazard.Message.Contains("calls count_up()")
        );
        (await db.ApplyAsync(Undeclared))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("SHARE ROW EXCLUSIVE on \"public\".\"totals\"");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (
            await db.ApplyAsync(
                "operations:\n  - sql: { up: UPDATE asked SET note = 'x' WHERE id = 1, effect: [{ table: "
                    + "totals, lock: share row exclusive }] }"
            )
        ).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15)]
    public async Task The_plan_reports_code_that_cannot_be_inspected(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        Plan plan = await db.PlannedAsync(
            "operations:\n  - sql: { up: SELECT harm(), waits_for: nobody to mind, effect: [{ table: "
                + "above, lock: access exclusive }] }"
        );

        plan.Hazards.ShouldHaveSingleItem()
            .Message.ShouldContain("calls harm(), and Segue cannot inspect its effects beforehand.");
        plan.Steps()
            .Single(step => step is DdlStep)
            .Impact.Locks.Select(held => held.Relation)
            .ShouldBe(["\"public\".\"above\"", "\"public\".\"below\""]);
    }
}
