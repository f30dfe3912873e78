using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Rows that are written by replication or a bulk load, or while somebody had the sync trigger disabled.
/// </summary>
public class PastTheTriggerTests
{
    private const string Events = """
        CREATE TABLE ev (id int, at date NOT NULL, kind text NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE TABLE ev_1 PARTITION OF ev FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY RANGE (id);
        CREATE TABLE ev_1a PARTITION OF ev_1 DEFAULT;
        INSERT INTO ev SELECT g, date '2026-01-01' + g % 30, 'k' || g % 9 FROM generate_series(1, 500) g;
        """;

    [Theory, PostgresVersions(14, 18)]
    public async Task A_partitioned_table_written_by_replication_is_kept_in_sync(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        (
            await db.ApplyAsync(
                Cases.Adds(
                    "table: ev, name: code, type: int, nullable: false, backfill: \"substr(kind, 2)::int\"",
                    "table: ev, name: loud, type: text, derive: upper(kind)"
                )
            )
        ).ShouldWaitAtGate();

        await db.ExecuteAsync(
            """
            CREATE TABLE ev_2 PARTITION OF ev FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
            SET session_replication_role = replica;
            INSERT INTO ev VALUES (9001, '2026-01-05', 'k3'), (9002, '2026-02-05', 'k4');
            UPDATE ev SET kind = 'k5' WHERE id = 9002;
            RESET session_replication_role
            """
        );

        (await db.ColumnAsync("SELECT concat_ws(' ', code, loud) FROM ev WHERE id > 9000 ORDER BY id")).ShouldBe([
            "3 K3",
            "4 K5",
        ]);
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_trigger_disabled_on_one_partition_is_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Events);
        (
            await db.ApplyAsync(Cases.Adds("table: ev, name: code, type: int, backfill: \"substr(kind, 2)::int\""))
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE ev_1a DISABLE TRIGGER ALL");

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Refused>()
            .Problems.ShouldHaveSingleItem()
            .What.ShouldContain("missing or disabled");
    }

    /// <summary>An app may have meant a NULL: it is not written over, nor is it passed over in silence.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_written_past_the_trigger_are_reported_before_completion(int major)
    {
        await using TestDatabase db = await LoadedAsync(major);

        RunOutcome.Failed told = (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>();

        told.Message.ShouldContain("code is filled: 1 of 302 rows of \"public\".\"orders\" violate this, e.g. id=301.");
        told.Message.ShouldContain("label equals its derivation: 2 of 302 rows");
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%segue%'")).ShouldBeGreaterThan(
            0
        );
        await db.ExecuteAsync(
            "UPDATE orders SET code = upper(region), label = region || ':' || amount WHERE id >= 301"
        );
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<string>("SELECT code || label FROM orders WHERE id = 301")).ShouldBe("LOADload:1000");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_second_complete_leaves_rows_unchanged_that_bypassed_the_trigger(int major)
    {
        await using TestDatabase db = await LoadedAsync(major);
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>();

        (await db.CompleteAsync()).ShouldBeCompleted();

        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note =>
                note.Message.StartsWith("Left as it is: code is filled: 1 of 302 rows", StringComparison.Ordinal)
            );
        (await db.ScalarAsync<bool>("SELECT code IS NULL FROM orders WHERE id = 301")).ShouldBeTrue();
    }

    /// <summary>Left as it was by a statement that no expression may fail.</summary>
    [Theory, PostgresVersions(15)]
    public async Task An_expression_that_fails_on_a_late_row_is_reported_and_does_not_block_the_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (
            await db.ApplyAsync(Cases.Adds("table: orders, name: ratio, type: int, backfill: 100 / amount"))
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO orders (amount) VALUES (0)");

        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("division by zero");
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    private static async Task<TestDatabase> LoadedAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (
            await db.ApplyAsync(
                Cases.Adds(
                    "table: orders, name: code, type: text, backfill: upper(region)",
                    "table: orders, name: label, type: text, derive: \"region || ':' || amount\""
                )
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync(
            """
            ALTER TABLE orders DISABLE TRIGGER ALL;
            INSERT INTO orders (region, amount) VALUES ('load', 1000);
            ALTER TABLE orders ENABLE TRIGGER ALL;
            DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'orders'::regclass
                AND NOT tgisinternal LOOP EXECUTE format('ALTER TABLE orders ENABLE ALWAYS TRIGGER %I', name); END LOOP;
                END $$;
            INSERT INTO orders (region, amount, label) VALUES ('word', 1001, 'of the app');
            """
        );
        return db;
    }
}
