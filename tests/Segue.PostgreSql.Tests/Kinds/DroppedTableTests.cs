using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// A dropped table is out of everybody's way, comes back whole while it is kept, and goes for good only when that is
/// asked for.
/// </summary>
[Trait("kind", "drop_table")]
public class DroppedTableTests
{
    private const string Drop = "operations:\n  - drop_table: { table: bills }";

    private const string Setup =
        Cases.Orders
        + """
            CREATE TABLE bills (id int PRIMARY KEY,
                order_id bigint CONSTRAINT of_order REFERENCES orders ON DELETE CASCADE,
                code char(3) DEFAULT 'USD' CONSTRAINT of_currency REFERENCES currencies);
            INSERT INTO bills SELECT n, n FROM generate_series(1, 100) n;

            """;

    [Theory, PostgresVersions(14, 18)]
    public async Task A_retained_table_blocks_no_deletes_and_loses_no_rows(int major)
    {
        await using TestDatabase db = await DroppedAsync(major);
        await db.ExecuteAsync("DELETE FROM orders WHERE id = 7");

        IReadOnlyList<string> stays = (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays;

        stays.Count.ShouldBe(2);
        stays[0]
            .ShouldStartWith(
                "the foreign key of_order of public.bills was restored for new writes, but not proven. "
                    + "Correct its rows, then `ALTER TABLE \"public\".\"bills\" VALIDATE CONSTRAINT "
                    + "\"of_order\"` proves it: \"prove foreign key of_order\" failed: insert or update on "
                    + "table \"bills\" violates foreign key constraint \"of_order\""
            );
        stays[1]
            .ShouldBe(
                "rows that violate of_order: order_id has its parent row in orders: 1 of 100 rows of "
                    + "\"public\".\"bills\" violate this, e.g. id=7. Give them a parent, or delete them"
            );
        stays.ShouldAllBe(words => !words.Contains("tries again"));
        (await db.ScalarAsync<long>("SELECT count(*) FROM bills")).ShouldBe(100);
        (
            await db.ColumnAsync(
                "SELECT concat_ws(' ', conname, convalidated) FROM pg_constraint WHERE conrelid = "
                    + "'bills'::regclass AND contype = 'f' ORDER BY 1"
            )
        ).ShouldBe(["of_currency t", "of_order f"]);
        (await db.FindAsync())!.Error.ShouldBe(string.Join("; ", stays));
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays.ShouldBe([string.Join("; ", stays)]);
        await db.MigrateAsync("operations:\n  - add_column: { table: bills, name: x, type: int }", "0002_test");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_foreign_key_without_its_parent_does_not_prevent_restoring_the_table_and_other_keys(int major)
    {
        await using TestDatabase db = await DroppedAsync(major);
        await db.MigrateAsync("operations:\n  - drop_table: { table: orders }", "0002_test");

        IReadOnlyList<string> stays = (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays;

        stays
            .ShouldHaveSingleItem()
            .ShouldBe(
                "the foreign key of_order of public.bills was not restored. Correct the cause below, "
                    + "then `ALTER TABLE \"public\".\"bills\" ADD CONSTRAINT \"of_order\" FOREIGN KEY "
                    + "(order_id) REFERENCES public.orders(id) ON DELETE CASCADE NOT VALID` and `ALTER TABLE "
                    + "\"public\".\"bills\" VALIDATE CONSTRAINT \"of_order\"` restore it: relation "
                    + "\"public.orders\" does not exist. (SQLSTATE 42P01)"
            );
        (
            await db.ColumnAsync(
                "SELECT concat_ws(' ', conname, convalidated) FROM pg_constraint WHERE conrelid = "
                    + "'bills'::regclass AND contype = 'f'"
            )
        ).ShouldBe(["of_currency t"]);
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();
        await db.MigrateAsync(Drop);
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays.ShouldBeEmpty();
    }

    [Theory, PostgresVersions(18)]
    public async Task A_foreign_key_not_enforced_is_restored_as_not_enforced(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "ALTER TABLE bills DROP CONSTRAINT of_order, ADD CONSTRAINT of_order FOREIGN KEY "
                + "(order_id) REFERENCES orders NOT ENFORCED; UPDATE bills SET order_id = -1 WHERE id = 1"
        );
        await db.MigrateAsync(Drop);

        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays.ShouldBeEmpty();

        (
            await db.ColumnAsync("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'of_order'")
        ).ShouldBe(["FOREIGN KEY (order_id) REFERENCES orders(id) NOT ENFORCED"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_dropped_table_is_purged_after_its_time_or_at_once_and_cannot_be_restored_then(int major)
    {
        await using TestDatabase db = await DroppedAsync(major);

        Outcomes.Words(await db.PurgeAsync(now: false)).ShouldContain("public.bills is kept until ");
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'bills'")).ShouldBe(1);
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>().Dropped.ShouldBe(["public.bills"]);

        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'bills'")).ShouldBe(0);
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'segue\\_kept%'")).ShouldBe(
            0
        );
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>();
        await db.ExecuteAsync("CREATE TABLE bills (id int)");
        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain(
                "it is completed, and public.bills cannot be restored: its kept copy does not exist "
                    + "any more (purged, or dropped manually)"
            );
        (await db.FindAsync())!.Status.ShouldBe(ChangeStatus.Completed);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Purge_reports_a_kept_table_that_somebody_dropped_and_ends(int major)
    {
        await using TestDatabase db = await DroppedAsync(major);
        await db.ExecuteAsync("DO $$ BEGIN EXECUTE 'DROP TABLE ' || (SELECT relation FROM segue.retained); END $$");

        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>().Dropped.ShouldBe(["public.bills"]);

        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note => note.Message.StartsWith("public.bills does not exist any more where it was kept ("));
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.retained WHERE purged_at IS NULL")).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_table_retained_for_no_time_is_purged_without_force(int major)
    {
        await using TestDatabase db = await DroppedAsync(
            major,
            "operations:\n  - drop_table: { table: bills, keep: 0ms }"
        );

        (await db.PurgeAsync(now: false)).ShouldBeOfType<RunOutcome.Purged>();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_name_of_a_dropped_table_can_be_reused_and_dropped_again(int major)
    {
        await using TestDatabase db = await DroppedAsync(major);
        await db.ExecuteAsync("CREATE TABLE bills (id int PRIMARY KEY)");

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("or another object has its name and must be renamed first.");
        await db.MigrateAsync("operations:\n  - drop_table: { table: bills }", "0002_test");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM bills")).ShouldBe(100);
        (await db.ColumnAsync("SELECT change FROM segue.retained")).ShouldBe(["0002_test"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Dependents_created_while_the_drop_waited_are_reported_first(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await db.ExecuteAsync("CREATE VIEW report AS SELECT id FROM bills");

        Outcomes
            .Words(await db.CompleteAsync())
            .ShouldContain("after the change was planned, an object was created that depends on public.bills");
        (await db.ScalarAsync<long>("SELECT count(*) FROM report")).ShouldBe(100);
        await db.ExecuteAsync("DROP VIEW report");
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions]
    public async Task The_plan_names_the_users_of_a_table_to_be_dropped(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "CREATE FUNCTION all_bills() RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY "
                + "SELECT id FROM bills; END $$; SELECT count(*) FROM bills; SELECT pg_stat_clear_snapshot()"
        );

        IReadOnlyList<Hazard> hazards = (await db.PlannedAsync(Drop)).Hazards;

        hazards.Select(hazard => hazard.Code).ShouldBe(["table-use", "kept-aside", "name-in-functions"]);
        hazards[1].Message.ShouldContain("for 7 days. Until then a rollback of 0001_test restores it");
        hazards[2].Message.ShouldContain("all_bills()");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_ledger_of_an_older_Segue_is_read_as_it_is_and_upgraded_by_the_next_apply(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.MigrateAsync("operations:\n  - add_column: { table: bills, name: x, type: int }", "0000_test");
        await db.ExecuteAsync(
            "DROP TABLE segue.retained; DROP FUNCTION segue.refuse_rewrite() CASCADE; UPDATE segue.meta SET version = 1"
        );
        await using (PostgresEngine engine = db.Engine())
        {
            (await engine.Records.Ledger.RetainedAsync(CancellationToken.None)).ShouldBeEmpty();
        }

        await db.MigrateAsync(Drop);

        (
            await db.ColumnAsync(
                "SELECT what FROM segue.retained WHERE purged_at IS NULL AND until > now() + interval '6 days'"
            )
        ).ShouldBe(["public.bills"]);
    }

    /// <summary>A change that also does what cannot be taken back stays as final as before.</summary>
    [Theory, PostgresVersions(15)]
    public async Task Other_completed_changes_cannot_be_rolled_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.MigrateAsync("operations:\n  - drop_constraint: { table: bills, name: of_order }");
        await db.MigrateAsync("operations:\n  - add_column: { table: bills, name: x, type: int }", "0002_test");

        Outcomes.Words(await db.RollbackAsync()).ShouldContain("it is completed.");
        Outcomes.Words(await db.RollbackAsync("0002_test")).ShouldContain("it is completed.");
        Outcomes.Words(await db.PurgeAsync(now: true)).ShouldContain("nothing of it is kept");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_publication_of_some_columns_or_rows_is_restored(int major)
    {
        const string Published =
            "SELECT format('%s %s %s %s', pubname, tablename, attnames, rowfilter) FROM "
            + "pg_publication_tables ORDER BY 1";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "CREATE PUBLICATION columns FOR TABLE bills (id, code); CREATE PUBLICATION rows FOR TABLE "
                + "bills WHERE (id > 5);"
        );
        IReadOnlyList<string> before = await db.ColumnAsync(Published);

        await db.MigrateAsync(Drop);
        (await db.ColumnAsync(Published)).ShouldBeEmpty();
        (await db.RollbackAsync()).ShouldBeRolledBack();

        (await db.ColumnAsync(Published)).ShouldBe(before);
    }

    private static async Task<TestDatabase> DroppedAsync(int major, string change = Drop)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.MigrateAsync(change);
        return db;
    }
}
