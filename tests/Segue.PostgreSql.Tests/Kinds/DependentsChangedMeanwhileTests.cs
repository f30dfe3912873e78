using Npgsql;
using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;
using static Segue.PostgreSql.Tests.Kinds.GoodsTable;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// What others do to what is to come again, or another change is about, between plan and contract: it is
/// never overwritten by something older.
/// </summary>
public class DependentsChangedMeanwhileTests
{
    public static TheoryData<string, string> NotTogether { get; } =
        new()
        {
            { "CREATE VIEW paired AS SELECT code, note FROM goods JOIN notes USING (id)", "view public.paired" },
            {
                "ALTER TABLE goods ADD other varchar(5); CREATE VIEW paired AS SELECT code, other FROM goods",
                "view public.paired"
            },
            {
                "ALTER TABLE goods ADD other varchar(5), ADD CONSTRAINT sane CHECK (code <> other)",
                "constraint public.goods sane"
            },
        };

    /// <summary>Each would make again what the other has planned with.</summary>
    [Theory, MemberData(nameof(NotTogether))]
    public async Task Two_type_changes_under_one_view_run_one_after_the_other(string setup, string shared)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(15);
        await db.ExecuteAsync(Goods + "CREATE TABLE notes (id int PRIMARY KEY, note varchar(20));" + setup);
        string second = setup.Contains("notes", StringComparison.Ordinal)
            ? "{ table: notes, name: note, type: text }"
            : "{ table: goods, name: other, type: text }";
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();

        Outcomes
            .Words(await db.ApplyAsync($"operations:\n  - alter_column: {second}", change: "0002_test"))
            .ShouldContain($"the change 0001_test is not finished and works on the same object: {shared}.");

        (await db.RollbackAsync()).ShouldBeRolledBack();
        string together = $"{Widen}\n  - alter_column: {second}";
        if (setup.Contains("notes", StringComparison.Ordinal))
        {
            Outcomes
                .Words((await db.ApplyAsync(together, change: "0003_test")).ShouldBeOfType<RunOutcome.Invalid>())
                .ShouldContain("`alter_column goods.code` of the same change works on this view as well.");
            await db.MigrateAsync(Widen, "0004_test");
            await db.MigrateAsync($"operations:\n  - alter_column: {second}", "0005_test");
        }
        else
        {
            await db.MigrateAsync(together, "0003_test");
        }
    }

    [Fact]
    public async Task A_column_that_another_change_keeps_in_sync_is_reported()
    {
        const string Derive =
            "operations:\n  - add_column: { table: goods, name: lower, type: text, derive: lower(code) }";
        await using TestDatabase db = await Postgres.DatabaseAsync(17);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        (await db.ApplyAsync(Derive, change: "0002_test")).ShouldWaitAtGate();

        Outcomes
            .Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>())
            .ShouldContain(
                "cannot run: another unfinished change still keeps code of goods in sync with old code. Complete it "
                    + "or roll it back first. Then apply again"
            );

        (await db.RollbackAsync()).ShouldBeRolledBack();
        Outcomes
            .Words((await db.ApplyAsync(Widen, change: "0003_test")).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain("an unfinished change still keeps code in sync with old code. Complete that change first");
        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
        await db.MigrateAsync(Widen, "0004_test");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_view_of_a_renamed_table_is_left_to_the_rename(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods);
        (await db.ApplyAsync("operations:\n  - rename_table: { table: goods, to: wares }")).ShouldWaitAtGate();

        Outcomes
            .Words(await db.ApplyAsync(Widen.Replace("goods", "wares", StringComparison.Ordinal), change: "0002_test"))
            .ShouldContain("the change 0001_test is not finished and works on the same object: view public.goods");

        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.MigrateAsync(Widen.Replace("goods", "wares", StringComparison.Ordinal), "0003_test");
    }

    /// <summary>
    /// The type has changed; what is left is to prove a CHECK that rows break, or that somebody has dropped since.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_CHECK_dropped_before_its_new_proof_does_not_stop_the_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + "CREATE FUNCTION fits(text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT true$$; ALTER "
                + "TABLE goods ADD CONSTRAINT fitting CHECK (fits(code))"
        );
        (
            await db.ApplyAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }")
        ).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "CREATE OR REPLACE FUNCTION fits(text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT $1 <> 'c5'$$"
        );

        RunOutcome.Failed failed = (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>();
        failed.CanGoBack.ShouldBeFalse();
        failed.Message.ShouldContain("prove CHECK fitting again");
        await db.ExecuteAsync("ALTER TABLE goods DROP CONSTRAINT fitting");

        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ScalarAsync<string>(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                    + "'goods'::regclass AND attname = 'code'"
            )
        ).ShouldBe("character varying(30)");
    }

    public static TheoryData<string> Since { get; } =
        new()
        {
            "CREATE OR REPLACE VIEW cheap AS SELECT id, code FROM goods WHERE price < 5",
            "CREATE VIEW more AS SELECT code FROM goods",
            "CREATE VIEW above AS SELECT id FROM cheap",
            "GRANT SELECT ON cheap TO PUBLIC",
            "COMMENT ON COLUMN cheap.code IS 'c'",
            "ALTER VIEW cheap ALTER code SET DEFAULT 'x'",
            "CREATE TRIGGER instead INSTEAD OF INSERT ON cheap FOR EACH ROW EXECUTE FUNCTION "
                + "suppress_redundant_updates_trigger()",
            "CREATE RULE nothing AS ON DELETE TO cheap DO INSTEAD NOTHING",
            "ALTER VIEW cheap SET (security_barrier = true)",
            "ALTER SEQUENCE counter RENAME TO counter_9; CREATE SEQUENCE counter",
            "CREATE TABLE swapped (LIKE prices); ALTER TABLE prices RENAME TO old_prices; ALTER TABLE "
                + "swapped RENAME TO prices",
            "CREATE FUNCTION asks() RETURNS SETOF cheap LANGUAGE sql AS 'SELECT * FROM cheap'",
        };

    /// <summary>It would come again as it was planned, and what somebody made of it since would be lost.</summary>
    [Theory, MemberData(nameof(Since))]
    public async Task A_dependent_altered_after_planning_stops_the_change(string since)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(
            Goods
                + Cheap
                + "CREATE TABLE prices (price int); CREATE VIEW priced AS SELECT code, price FROM goods "
                + "NATURAL JOIN prices; CREATE SEQUENCE counter; ALTER VIEW priced ALTER price SET DEFAULT "
                + "nextval('counter')"
        );
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await db.ExecuteAsync(since);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);

        Outcomes
            .Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>())
            .ShouldStartWith(
                "\"change the type of code to text, and recreate view public.cheap, view "
                    + "public.priced\" cannot run: a view, trigger, policy, CHECK or another object that "
                    + "depends on the type of goods's code was created, altered or dropped after the change "
                    + "was planned."
            );

        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    [Fact]
    public async Task A_dependent_dropped_after_planning_stays_dropped()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await db.ExecuteAsync("DROP VIEW cheap");

        Outcomes
            .Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain("the schema differs from the plan. Missing or altered: column public.cheap.code");

        (await db.RollbackAsync()).ShouldBeRolledBack();
        await db.MigrateAsync(Widen, "0002_test");
    }

    /// <summary>
    /// Whoever is waited for may be the one who alters it: the question is asked again under the lock.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_alteration_by_the_session_waited_for_is_detected(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection other = await db.OpenAsync();
        await using NpgsqlTransaction open = await other.BeginTransactionAsync();
        await using NpgsqlCommand alter = new("ALTER VIEW cheap OWNER TO pg_monitor", other);
        await alter.ExecuteNonQueryAsync();
        Task<RunOutcome> completing = db.CompleteAsync();
        await Eventually.TrueAsync(
            "it waits for the view",
            () => Task.FromResult(db.EventsOf<RunEvent.Blocked>().Count > 0)
        );
        await open.CommitAsync();

        Outcomes
            .Words((await completing).ShouldBeOfType<RunOutcome.Failed>())
            .ShouldContain("that depends on the type of goods's code was created, altered or dropped after");
        (await db.ScalarAsync<string>("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'cheap'")).ShouldBe(
            "pg_monitor"
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_alteration_during_the_wait_for_the_lock_is_detected(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction open = await reader.BeginTransactionAsync();
        await using NpgsqlCommand read = new("SELECT count(*) FROM goods", reader);
        await read.ExecuteScalarAsync();
        Task<RunOutcome> completing = db.CompleteAsync();
        await Eventually.TrueAsync(
            "it waits for the table",
            () => Task.FromResult(db.EventsOf<RunEvent.Blocked>().Count > 0)
        );
        await db.ExecuteAsync("CREATE OR REPLACE VIEW cheap AS SELECT id, code FROM goods WHERE price < 5");
        await open.CommitAsync();

        Outcomes
            .Words((await completing).ShouldBeOfType<RunOutcome.Failed>())
            .ShouldContain("that depends on the type of goods's code was created, altered or dropped after");
        (await db.ScalarAsync<long>("SELECT count(*) FROM cheap")).ShouldBe(4);
    }
}
