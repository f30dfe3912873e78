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
    private const string Tables = """
        CREATE SCHEMA app; CREATE TYPE mood AS ENUM ('ok', 'bad');
        CREATE TABLE currencies (code char(3) PRIMARY KEY, name text);
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            code char(3) CONSTRAINT of_currency REFERENCES currencies,
            amount int NOT NULL CONSTRAINT sane CHECK (amount >= 0), note varchar(50), at timestamptz DEFAULT now());
        CREATE INDEX orders_note ON orders (note); CREATE INDEX orders_lower ON orders (lower(note)) WHERE amount > 0;
        CREATE UNIQUE INDEX "Order's" ON orders (id, amount);
        CREATE TABLE lines (id int, order_id bigint REFERENCES orders ON DELETE CASCADE);
        CREATE TABLE app."Odd; --" ("select" int, note text); CREATE INDEX ON app."Odd; --" ("select");
        CREATE TABLE parts (id int NOT NULL, at date NOT NULL, n int) PARTITION BY RANGE (at);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE parts_d PARTITION OF parts DEFAULT; CREATE INDEX ON parts (n);
        CREATE TABLE bills (id bigint NOT NULL, order_id bigint REFERENCES orders,
            PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE bills_d PARTITION OF bills DEFAULT;
        CREATE TABLE parts_2 (id int NOT NULL, at date NOT NULL, n int);
        INSERT INTO currencies VALUES ('EUR'); INSERT INTO orders (code, amount, note) SELECT 'EUR', n, 'n' || n
            FROM generate_series(1, 500) n; INSERT INTO lines SELECT n, n FROM generate_series(1, 100) n;
        INSERT INTO app."Odd; --" SELECT generate_series(1, 10); INSERT INTO parts SELECT n, date '2026-01-01' + n % 20,
            n FROM generate_series(1, 100) n;
        CREATE VIEW seen AS SELECT id, amount FROM orders;
        CREATE TABLE above (id int, x int); CREATE TABLE below () INHERITS (above);
        CREATE TABLE lowest () INHERITS (below); INSERT INTO below SELECT n, n FROM generate_series(1, 10) n;
        CREATE TABLE deep (id int) PARTITION BY RANGE (id); CREATE TABLE deep_1 PARTITION OF deep FOR VALUES
            FROM (0) TO (100) PARTITION BY RANGE (id);
        CREATE TABLE deep_1_1 PARTITION OF deep_1 FOR VALUES FROM (0) TO (10); CREATE TABLE deep_1_2 PARTITION OF deep_1
            FOR VALUES FROM (10) TO (20); CREATE TABLE deep_1_3 PARTITION OF deep_1 FOR VALUES FROM (20) TO (30);
        CREATE TABLE deep_1_4 PARTITION OF deep_1 FOR VALUES FROM (30) TO (40);
        CREATE TABLE deep_1_5 PARTITION OF deep_1 FOR VALUES FROM (40) TO (50);
        CREATE TABLE app.deep_2 PARTITION OF deep DEFAULT;
        CREATE TABLE late (id bigint CONSTRAINT late_order REFERENCES orders, n int);
        ALTER TABLE late DROP CONSTRAINT late_order, ADD CONSTRAINT late_order FOREIGN KEY (id) REFERENCES orders
            NOT VALID, ADD CONSTRAINT late_sane CHECK (n > 0) NOT VALID;
        CREATE TABLE owned (id int PRIMARY KEY, n int, t text); CREATE TRIGGER tg BEFORE UPDATE OF n ON owned
            FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
        CREATE POLICY pol ON owned USING (n > 0); CREATE RULE ru AS ON DELETE TO owned WHERE old.n = 5
            DO INSTEAD NOTHING; CREATE STATISTICS app.sta ON n, t FROM owned;
        ANALYZE;
        """;

    public static TheoryData<string, string> Statements =>
        new()
        {
            { "ALTER TABLE orders ADD COLUMN x int", "" },
            { "ALTER TABLE orders ADD COLUMN x uuid DEFAULT gen_random_uuid()", "Rewrite orders" },
            { "ALTER TABLE public.orders ALTER COLUMN note TYPE varchar(10)", "Rewrite orders" },
            { "ALTER TABLE orders ALTER note SET NOT NULL;", "Scan orders" },
            { "ALTER TABLE orders ADD CHECK (amount < 10000)", "Scan orders" },
            { "ALTER TABLE orders ADD CONSTRAINT c CHECK (amount < 10000) NOT VALID", "" },
            { "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES public.orders", "Scan lines" },
            { "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID", "" },
            { "ALTER TABLE orders DROP CONSTRAINT of_currency", "" },
            { "ALTER TABLE orders ADD UNIQUE (note)", "Build orders" },
            { "ALTER TABLE orders RENAME CONSTRAINT sane TO \"Sane\"", "" },
            { "ALTER TABLE orders SET (fillfactor = 80)", "" },
            { "ALTER TABLE orders ALTER note SET STATISTICS 100", "" },
            { "CREATE INDEX ON orders (amount)", "Build orders" },
            { "CREATE UNIQUE INDEX i ON app.\"Odd; --\" (\"select\")", "Build Odd; --" },
            { "ALTER INDEX \"Order's\" RENAME TO other", "" },
            { "DROP INDEX public.orders_lower", "" },
            { "REINDEX INDEX orders_note", "Build orders" },
            { "ALTER TABLE app.\"Odd; --\" ALTER \"select\" TYPE bigint", "Rewrite Odd; --" },
            {
                "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION "
                    + "suppress_redundant_updates_trigger()",
                ""
            },
            { "TRUNCATE lines", "" },
            { "TRUNCATE owned", "" },
            { "DROP TABLE lines", "" },
            { "UPDATE orders SET note = 'x' WHERE id = 5", "" },
            { "DELETE FROM lines", "" },
            { "ALTER TABLE parts ADD COLUMN x int", "" },
            {
                "ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
                "Build parts_2, Scan parts_2, Scan parts_d"
            },
            { "CREATE INDEX ON parts (id)", "Build parts_1, Build parts_d" },
            { "COMMENT ON COLUMN orders.note IS 'public.orders is a name'", "" },
            { "LOCK TABLE orders IN EXCLUSIVE MODE", "" },
            { "ALTER TABLE above ADD COLUMN z int", "" },
            { "ALTER TABLE above ALTER x TYPE bigint", "Rewrite above, Rewrite below, Rewrite lowest" },
            { "ALTER TABLE ONLY below SET (fillfactor = 50)", "" },
            { "ALTER TABLE deep ADD COLUMN z int", "" },
            {
                "ALTER TABLE deep ALTER COLUMN id SET NOT NULL",
                "Scan deep_1_1, Scan deep_1_2, Scan deep_1_3, Scan deep_1_4, Scan deep_1_5, Scan deep_2"
            },
            { "ALTER TABLE deep_1 DETACH PARTITION public.deep_1_5", "" },
            { "CREATE TABLE deep_3 PARTITION OF deep FOR VALUES FROM (100) TO (200)", "Scan deep_2" },
            { "CREATE TABLE app.deep_3 PARTITION OF public.deep FOR VALUES FROM (100) TO (200)", "Scan deep_2" },
            { "CREATE TABLE app.notes (id bigint PRIMARY KEY, order_id bigint REFERENCES public.orders, at date)", "" },
            { "CREATE UNLOGGED TABLE IF NOT EXISTS app.notes (id bigint PRIMARY KEY)", "" },
            { "CREATE TABLE app.notes AS SELECT * FROM orders", "" },
            { "ALTER TABLE late VALIDATE CONSTRAINT late_order", "Scan late" },
            { "ALTER TABLE late VALIDATE CONSTRAINT late_sane", "Scan late" },
            { "ALTER TABLE orders VALIDATE CONSTRAINT sane", "" },
            { "DROP TRIGGER tg ON owned", "" },
            { "ALTER TRIGGER tg ON owned RENAME TO other", "" },
            {
                "CREATE OR REPLACE TRIGGER tg BEFORE UPDATE ON owned FOR EACH ROW EXECUTE FUNCTION "
                    + "suppress_redundant_updates_trigger()",
                ""
            },
            { "ALTER TABLE owned DISABLE TRIGGER tg", "" },
            { "ALTER POLICY pol ON owned USING (n > 1)", "" },
            { "DROP POLICY pol ON public.owned", "" },
            { "DROP RULE ru ON owned", "" },
            { "CREATE OR REPLACE RULE ru AS ON DELETE TO owned DO INSTEAD NOTHING", "" },
            { "DROP STATISTICS IF EXISTS app.sta", "" },
            { "CREATE STATISTICS app.other ON id, n FROM owned", "" },
            { "ALTER STATISTICS app.sta SET STATISTICS 50", "" },
        };

    [Theory, PostgresVersions(14, 18)]
    public async Task The_reported_locks_and_work_are_those_of_the_statement(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Tables);
        List<string> wrong = [];
        foreach (object[] row in Statements)
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
        await db.ExecuteAsync(Tables);
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction reading = await reader.BeginTransactionAsync();
        await using (
            NpgsqlCommand locking = new("LOCK TABLE orders, app.\"Odd; --\", parts IN ACCESS SHARE MODE", reader)
        )
        {
            await locking.ExecuteNonQueryAsync();
        }

        foreach (object[] row in Statements)
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
        await db.ExecuteAsync(Tables);

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

    [Theory, PostgresVersions(15)]
    public async Task A_statement_that_cannot_be_tried_is_explained(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Tables
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
        (string Statement, string Told)[] cases =
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
            (
                "ALTER TABLE orders ALTER amount TYPE bigint",
                "rule _RETURN on view by_amount depends on column \"amount\""
            ),
            ("DROP TABLE orders", "view seen depends on table orders"),
            (
                "ALTER TABLE lines SET SCHEMA app",
                "it cannot be tried on a copy: a temporary table stays where and what it is. It takes "
                    + "ACCESS EXCLUSIVE on the table briefly"
            ),
        ];
        List<string> wrong = [];
        foreach ((string statement, string told) in cases)
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
