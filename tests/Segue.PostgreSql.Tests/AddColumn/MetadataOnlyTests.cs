using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>What needs no row to be touched touches none: the server tells.</summary>
public class MetadataOnlyTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE TYPE mood AS ENUM ('sad', 'happy');
            CREATE DOMAIN plain_text AS text;
            CREATE DOMAIN answer AS int DEFAULT 42;
            CREATE FUNCTION inlined() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT 'constant'::text $$;
            CREATE FUNCTION forbid() RETURNS event_trigger
                LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'table % was rewritten',
                pg_event_trigger_table_rewrite_oid()::regclass; END $$;
            CREATE EVENT TRIGGER forbid ON table_rewrite EXECUTE FUNCTION forbid();
            """;

    private static readonly string[] Ungated =
    [
        "type: text",
        "type: text, nullable: false, default: \"'USD'\"",
        "type: timestamptz, nullable: false, default: now()",
        "type: text, nullable: false, default: \"lower('A')\"",
        "type: int, nullable: false, default: -1",
        "type: jsonb, nullable: false, default: \"'{}'::jsonb\"",
        "type: \"text[]\", nullable: false, default: \"array[]::text[]\"",
        "type: mood, nullable: false, default: \"'happy'\"",
        "type: plain_text, default: \"('x')\"",
        "type: answer",
        "type: name, default: current_user",
        "type: bigint, default: txid_current()",
        "type: text, nullable: false, default: inlined()",
        "type: text, nullable: false, default: \"'new'\", backfill: \"'old'\"",
        "type: char(3), references: { table: currencies }",
        "type: text, collation: C, comment: hello",
        "type: \"numeric(12,2)\", nullable: false, default: 0",
    ];

    [Theory, PostgresVersions]
    public async Task A_column_with_one_value_for_all_rows_writes_no_row_and_needs_no_gate(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        IEnumerable<string> columns =
            major >= 18 ? [.. Ungated, "type: int, generated: { expression: amount * 2 }"] : Ungated;
        string change = Cases.Adds(columns.Select((keys, n) => $"table: orders, name: c{n}, {keys}"));
        string before = await PhysicalAsync(db);

        Plan plan = await db.PlannedAsync(change);
        plan.Stages.Select(stage => stage.Name).ShouldBe([StageName.Expand]);
        plan.Steps().ShouldAllBe(step => step.Impact.Cost == Cost.Metadata);
        await db.MigrateAsync(change);

        (await PhysicalAsync(db)).ShouldBe(before);
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%'"
            )
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions]
    public async Task Rows_of_old_code_get_the_constant_even_if_null_is_allowed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        string before = await PhysicalAsync(db);
        (
            await db.ApplyAsync(Cases.Adds("table: orders, name: origin, type: text, backfill: \"'old'\""))
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO orders (amount) VALUES (1)");
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE origin IS DISTINCT FROM 'old'")).ShouldBe(0);
        await db.ExecuteAsync("DELETE FROM orders WHERE id = 301");

        (await db.CompleteAsync()).ShouldBeCompleted();
        (await PhysicalAsync(db)).ShouldBe(before);
        (
            await db.ScalarAsync<bool>(
                "SELECT atthasdef FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'origin'"
            )
        ).ShouldBeFalse();
    }

    [Theory, PostgresVersions]
    public async Task A_constant_for_old_rows_and_old_code_needs_a_gate_but_no_trigger(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        string before = await PhysicalAsync(db);
        (
            await db.ApplyAsync(
                Cases.Adds("table: orders, name: currency, type: char(3), nullable: false, backfill: \"'USD'\"")
            )
        ).ShouldWaitAtGate();
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%'"
            )
        ).ShouldBe(0);
        await db.ExecuteAsync("INSERT INTO orders (amount) VALUES (1); DELETE FROM orders WHERE id = 301");
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await PhysicalAsync(db)).ShouldBe(before);
    }

    /// <summary>A constraint is proven by reading; nothing is written either.</summary>
    [Theory, PostgresVersions]
    public async Task A_default_with_constraints_and_an_index_writes_no_row(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        string before = await PhysicalAsync(db);
        await db.MigrateAsync(
            Cases.Adds(
                "table: orders, name: currency, type: char(3), nullable: false, default: \"'USD'\", check: "
                    + "\"currency <> 'XXX'\", references: { table: currencies }, index: true"
            )
        );
        (await PhysicalAsync(db)).ShouldBe(before);
    }

    /// <summary>The table's file and, for each row, where its version is and who wrote it.</summary>
    private static Task<string> PhysicalAsync(TestDatabase db) =>
        db.ScalarAsync<string>(
            "SELECT pg_relation_filenode('orders') || md5(string_agg(format('%s %s %s', id, ctid, xmin), "
                + "',' ORDER BY id)) FROM orders"
        );
}
