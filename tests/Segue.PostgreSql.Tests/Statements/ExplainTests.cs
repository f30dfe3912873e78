using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Statements;

/// <summary>
/// What <c>explain</c> says of a statement is what the statement does: compared with a run of it on the tables
/// themselves.
/// </summary>
public class ExplainTests
{
    [Theory, PostgresVersions(14, 18)]
    public async Task The_reported_locks_and_work_are_those_of_the_statement(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(ExplainCases.Tables);
        List<string> wrong = [];
        foreach (object[] row in ExplainCases.Statements)
        {
            (string statement, string work) = ((string)row[0], (string)row[1]);
            if (await ExplainAsync(db, statement) is not Explanation.Measured { Effect: var effect })
            {
                wrong.Add($"{statement}: {await ExplainAsync(db, statement)}");
                continue;
            }

            string told = string.Join(
                ", ",
                effect
                    .Locks.Where(held => !held.Relation.Contains("pg_toast"))
                    .Select(held => $"{held.Relation} {held.Mode}")
                    .Order(StringComparer.Ordinal)
            );
            string shown = string.Join(", ", (await LocksOfAsync(db, statement)).Order(StringComparer.Ordinal));
            string does = string.Join(
                ", ",
                effect.Work.Select(each => $"{each.Cost} {each.Relation.Split('"')[3]}").Order(StringComparer.Ordinal)
            );
            wrong.AddRange(told == shown ? [] : [$"{statement}\n  told:  {told}\n  shown: {shown}"]);
            wrong.AddRange(does == work ? [] : [$"{statement}\n  does {does}, not {work}"]);
        }

        string.Join('\n', wrong).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task The_tables_themselves_are_neither_locked_nor_changed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(ExplainCases.Tables);
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync();
        await using (
            NpgsqlCommand locking = new("LOCK TABLE orders, app.\"Odd; --\", parts IN ACCESS SHARE MODE", reader)
        )
        {
            await locking.ExecuteNonQueryAsync();
        }

        foreach (object[] row in ExplainCases.Statements)
        {
            (await ExplainAsync(db, (string)row[0])).ShouldBeOfType<Explanation.Measured>((string)row[0]);
        }

        await reading.RollbackAsync();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE note <> 'x'")).ShouldBe(500);
        await Eventually.TrueAsync(
            "the copies are gone with their session",
            () =>
                db.ScalarAsync<bool>(
                    "SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = "
                        + "c.relnamespace WHERE nspname LIKE 'pg_temp%')"
                )
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Explain_names_tables_that_a_cascading_delete_changes(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE orders_1 PARTITION OF orders
                FOR VALUES FROM (0) TO (1000);
            CREATE TABLE lines (id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE CASCADE);
            CREATE TABLE marks (line_id int REFERENCES lines ON DELETE SET NULL);
            CREATE TABLE kept (line_id int REFERENCES lines, order_id int REFERENCES orders ON DELETE SET DEFAULT);
            INSERT INTO orders SELECT generate_series(1, 100);
            INSERT INTO lines SELECT n, n FROM generate_series(1, 100) n; ANALYZE;
            """
        );

        foreach (string statement in (string[])["DELETE FROM orders", "DELETE FROM orders_1 WHERE id = 7"])
        {
            StatementEffect effect = await EffectAsync(db, statement);

            string[] ends = [.. effect.Cascades.Select(words => words.Split('(')[^1])];
            ends.ShouldBe(
                [
                    "kept_order_id_fkey, ON DELETE SET NULL or SET DEFAULT)",
                    "lines_order_id_fkey, ON DELETE CASCADE)",
                    "marks_line_id_fkey, ON DELETE SET NULL or SET DEFAULT)",
                ],
                statement
            );
            effect
                .Breaks.Any(each =>
                    each.What == "all rows of \"public\".\"lines\" that refer to \"public\".\"orders\" are deleted"
                )
                .ShouldBe(statement == "DELETE FROM orders");
            effect
                .Writes.Any(rows => rows is { Relation: "\"public\".\"lines\"", Does: "deletes", Estimate.Rows: 100 })
                .ShouldBe(statement == "DELETE FROM orders");
        }

        (await EffectAsync(db, "DELETE FROM marks")).Cascades.ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task Explain_names_the_harm_its_duration_and_the_alternative(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(ExplainCases.Tables);

        StatementEffect rewrite = (await ExplainAsync(db, "ALTER TABLE orders ALTER note TYPE varchar(10)"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect;
        rewrite.IsHarmful.ShouldBeTrue();
        rewrite.Work.ShouldContain(work =>
            work.Cost == Cost.Rewrite && work.Estimate.Rows == 500 && work.Estimate.Bytes > 8192
        );
        rewrite.Dependents.ShouldBe(["view seen"]);
        rewrite.SafeRoad.ShouldNotBeNull().ShouldContain("`add_column` with `derive`");

        (await ExplainAsync(db, $"ALTER TABLE {db.Name}.public.orders ADD x int"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect.Locks.ShouldContain(held =>
                held.Relation == "\"public\".\"orders\"" && held.Mode == "ACCESS EXCLUSIVE"
            );
        (await ExplainAsync(db, "SELECT pg_sleep(60)"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect.Locks.ShouldBeEmpty();
        StatementEffect plain = (await ExplainAsync(db, "ALTER TABLE orders ADD COLUMN x int"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect;
        plain.IsHarmful.ShouldBeFalse();
        plain.BlocksAnything.ShouldBeTrue();
        plain.SafeRoad.ShouldNotBeNull().ShouldContain("`add_column`");
        (
            await EffectAsync(
                db,
                "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')"
            )
        )
            .SafeRoad.ShouldNotBeNull()
            .ShouldContain("`attach_partition`");
        (await ExplainAsync(db, "LOCK TABLE orders"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect.SafeRoad.ShouldBeNull();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_change_reports_prepared_statements_and_no_earlier_constraints(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE parents (id int PRIMARY KEY, CHECK (id > 0));
            CREATE TABLE children (parent int REFERENCES parents);
            """
        );

        StatementEffect effect = (await ExplainAsync(db, "ALTER TABLE parents ALTER id TYPE bigint"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect;

        effect.Breaks.ShouldBeEmpty();
        effect.Retyped.ShouldBe(["public.parents.id"]);
        (await ExplainAsync(db, "ALTER TABLE parents ADD CHECK (id < 9)"))
            .ShouldBeOfType<Explanation.Measured>()
            .Effect.Breaks.Count.ShouldBe(1);
    }

    private static readonly (string Statement, string Told)[] Untried =
    [
        ("", "it is not one SQL statement: it is empty."),
        ("ALTER TABLE orders ADD x int; DROP TABLE orders", "it contains a semicolon"),
        ("ALTER TABLE orders ADD x int DEFAULT (1", "is never closed"),
        ("SELCT 1", "syntax error at or near \"SELCT\""),
        ("ALTER TABLE nowhere ADD x int", "relation \"nowhere\" does not exist"),
        ("ALTER TABLE orders ADD amount int", "column \"amount\" of relation \"orders\" already exists"),
        ("CREATE INDEX CONCURRENTLY ON orders (note)", "a concurrent form runs in no transaction"),
        ("VACUUM FULL orders", "ACCESS EXCLUSIVE"),
        ("ALTER INDEX orders_note SET TABLESPACE pg_default", "it copies the index under ACCESS EXCLUSIVE on it"),
        ("DROP SCHEMA app CASCADE", "it uses CASCADE"),
        ("DROP SCHEMA app", "cannot drop schema app because other objects depend on it"),
        ("ALTER SYSTEM SET work_mem = '1GB'", "only statements about tables"),
        ("SELECT 1 FROM orders, app.orders", "have the same name"),
        ("UPDATE orders SET note = E'\\'; --'", "a constant with escapes"),
        (
            "ALTER TABLE lines ADD CHECK (touch() > 0) NOT VALID, ATTACH PARTITION far DEFAULT",
            "\"public\".\"far\" is a foreign table, of which Segue cannot make a copy."
        ),
        ("ALTER TABLE orders DROP COLUMN amount", "view seen depends on column amount"),
        ("ALTER TABLE orders ALTER amount TYPE bigint", "rule _RETURN on view by_amount depends on column \"amount\""),
        ("DROP TABLE orders", "view seen depends on table orders"),
        (
            "ALTER TABLE lines SET SCHEMA app",
            "it cannot be tried on a copy, because the copy is a temporary table. It takes "
                + "ACCESS EXCLUSIVE on the table briefly"
        ),
    ];

    [Theory, PostgresVersions(15)]
    public async Task A_statement_that_cannot_be_tried_is_explained(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            ExplainCases.Tables
                + """
                CREATE TABLE app.orders (id int);
                CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS $$
                    BEGIN ALTER TABLE public.currencies ADD x int; RETURN 1; END $$;
                CREATE VIEW by_amount AS SELECT touch() AS touched, amount FROM orders;
                CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM lines;
                CREATE FOREIGN DATA WRAPPER f; CREATE SERVER s FOREIGN DATA WRAPPER f;
                CREATE FOREIGN TABLE far (id int) SERVER s;
                """
        );
        List<string> wrong = [];
        foreach ((string statement, string told) in Untried)
        {
            Explanation answer = await ExplainAsync(db, statement);
            wrong.AddRange(
                answer is Explanation.NotMeasured { Problem.What: var what } && what.Contains(told)
                    ? []
                    : [$"{statement}: {answer}"]
            );
        }

        string.Join('\n', wrong).ShouldBeEmpty();
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'currencies'::regclass AND attnum > 0"
            )
        ).ShouldBe(2);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Code_that_it_calls_is_named_and_not_called(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE SEQUENCE called; CREATE TABLE t (id int);
            CREATE FUNCTION touch() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('called'); RETURN 1;
                END $$; CREATE FUNCTION pure(n int) RETURNS int LANGUAGE sql STABLE RETURN n;
            CREATE FUNCTION same(a int, b int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN touch() = 1; END $$;
                CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = same);
            CREATE VIEW v AS SELECT touch() AS touched;
            CREATE PROCEDURE go() LANGUAGE plpgsql AS $$ BEGIN PERFORM touch(); END $$;
            """
        );
        (string Statement, string[] Calls)[] cases =
        [
            ("SELECT touch()", ["touch()"]),
            ("SELECT * FROM v -- all", ["touch()"]),
            ("SELECT 1 === 2", ["same(integer,integer)"]),
            ("SELECT pure(id), random() FROM t", []),
            ("CREATE TABLE x AS SELECT touch()", ["touch()"]),
            ("CREATE TABLE x (y) AS (SELECT touch()) WITH DATA", ["touch()"]),
            ("INSERT INTO t SELECT touch()", ["touch()"]),
            ("DELETE FROM t WHERE id = touch() RETURNING id", ["touch()"]),
            ("WITH n AS (SELECT touch()) UPDATE t SET id = 1", ["touch()"]),
            ("CALL go()", ["a procedure"]),
            ("DO $$ BEGIN PERFORM touch(); END $$", ["a block of code"]),
        ];
        foreach ((string statement, string[] calls) in cases)
        {
            (await ExplainAsync(db, statement))
                .ShouldBeOfType<Explanation.Measured>(statement)
                .Effect.Calls.ShouldBe(calls, statement);
        }

        (await db.ScalarAsync<bool>("SELECT is_called FROM called")).ShouldBeFalse();
    }

    private static async Task<Explanation> ExplainAsync(TestDatabase db, string statement)
    {
        await using PostgresEngine engine = db.Engine();
        return await engine.Inspection.Statements.ExplainAsync(statement, CancellationToken.None);
    }

    /// <summary>On the tables, in a transaction that is rolled back; the strongest of each table.</summary>
    private static async Task<IReadOnlyList<string>> LocksOfAsync(TestDatabase db, string statement)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction trying = await connection.BeginTransactionAsync();
        await using (NpgsqlCommand command = new(statement, connection))
        {
            await command.ExecuteNonQueryAsync();
        }

        IReadOnlyList<string> held = await db.ColumnAsync(
            $"""
            SELECT DISTINCT ON (c.oid) format('"%s"."%s" %s', n.nspname, c.relname,
                upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g'))))
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.pid = {connection.ProcessID} AND l.granted AND l.locktype = 'relation' AND c.relkind IN ('r', 'p')
                AND n.nspname IN ('public', 'app')
            ORDER BY c.oid, array_position(ARRAY['AccessShareLock', 'RowShareLock', 'RowExclusiveLock',
                'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                'AccessExclusiveLock'], l.mode) DESC
            """
        );
        await trying.RollbackAsync();
        return held;
    }

    private static async Task<StatementEffect> EffectAsync(TestDatabase db, string statement) =>
        (await ExplainAsync(db, statement)).ShouldBeOfType<Explanation.Measured>().Effect;
}
