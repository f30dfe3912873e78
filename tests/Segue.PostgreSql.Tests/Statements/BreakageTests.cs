using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Statements;

/// <summary>
/// What a statement takes from running code is told first, by the server's own catalog before and after it.
/// </summary>
public class BreakageTests
{
    private const string Tables = """
        CREATE SCHEMA app; CREATE ROLE NAME_reader; CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE DOMAIN short AS text;
        CREATE DOMAIN free AS text; CREATE TYPE place AS (street text, town text); CREATE SEQUENCE numbers;
        CREATE TABLE orders (id bigint PRIMARY KEY, amount int, note varchar(50), n int NOT NULL DEFAULT 1, word short,
            CONSTRAINT one_note UNIQUE (note)); CREATE UNIQUE INDEX orders_amount ON orders (amount);
        INSERT INTO orders SELECT n, n, 'n' || n FROM generate_series(1, 1000) n;
        CREATE TABLE lines (id bigint, order_id bigint); GRANT SELECT, INSERT ON lines TO NAME_reader;
        CREATE TABLE parts (id int NOT NULL, n int) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts FOR
            VALUES FROM (0) TO (10);
        CREATE VIEW seen AS SELECT id, amount AS total FROM orders;
        CREATE MATERIALIZED VIEW counted AS SELECT id, amount FROM orders; CREATE FUNCTION twice(n int) RETURNS int
            LANGUAGE sql IMMUTABLE RETURN n * 2;
        CREATE FUNCTION refresh() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM again(); RETURN NULL; END $$;
            CREATE FUNCTION again() RETURNS void LANGUAGE plpgsql AS $$ BEGIN REFRESH MATERIALIZED VIEW counted; END $$;
        CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.order_id := 5;
            INSERT INTO log VALUES (1); RETURN NEW; END $$; CREATE TABLE log (n int); CREATE TABLE asked (id int);
        CREATE TABLE walled (id int); ALTER TABLE walled ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON walled USING (true);
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 5 THEN RAISE 'no'; END IF;
            RETURN NULL; END $$; CREATE RULE told AS ON INSERT TO walled DO ALSO INSERT INTO log VALUES (1);
        CREATE TABLE kept (id int PRIMARY KEY, order_id bigint CONSTRAINT of_order REFERENCES orders);
        CREATE PUBLICATION sent FOR TABLE kept;
        CREATE TRIGGER t AFTER INSERT ON asked FOR EACH STATEMENT EXECUTE FUNCTION refresh();
        CREATE TRIGGER t BEFORE INSERT ON lines FOR EACH ROW EXECUTE FUNCTION stamp(); ANALYZE;
        """;

    /// <summary>What running code, or a subscriber, relies on beside tables.</summary>
    private const string Surroundings = """
        CREATE SEQUENCE used; SELECT setval('used', 500); CREATE SEQUENCE round MAXVALUE 100 CYCLE;
        CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY, n int);
        INSERT INTO numbered (n) SELECT generate_series(1, 50);
        CREATE PUBLICATION wide FOR TABLE kept, log WITH (publish = 'insert, truncate');
        CREATE SUBSCRIPTION taken CONNECTION 'host=nowhere' PUBLICATION theirs WITH (connect = false);
        CREATE ROLE NAME_app LOGIN; GRANT NAME_reader TO NAME_app; ALTER ROLE NAME_app SET work_mem = '8MB';
        ALTER ROLE NAME_app CONNECTION LIMIT 20;
        """;

    /// <summary>Statement, what it breaks (each part is found in one of them), and how the way out begins.</summary>
    private static readonly (string Statement, string[] Breaks, string? Instead)[] Cases =
    [
        (
            "ALTER TABLE orders RENAME COLUMN amount TO total",
            ["TakesName it renames the column public.orders.amount to total"],
            "`add_column` with `derive`"
        ),
        (
            "ALTER TABLE orders RENAME TO bills",
            ["TakesName it renames the table public.orders to bills"],
            "`rename_table`"
        ),
        (
            "ALTER TABLE lines DROP COLUMN order_id",
            ["TakesName it drops the column public.lines.order_id", "LosesData the values of public.lines.order_id"],
            "`sql` with `waits_for`"
        ),
        (
            "DROP TABLE lines",
            ["TakesName it drops the table public.lines", "LosesData the rows of public.lines"],
            "`drop_table`"
        ),
        ("TRUNCATE lines", ["LosesData all rows of \"public\".\"lines\""], "`prune`"),
        ("DELETE FROM orders", ["LosesData all rows of \"public\".\"orders\""], "`prune`"),
        ("DELETE FROM orders WHERE id = 5", [], "`prune`"),
        (
            "ALTER TABLE orders ALTER note SET NOT NULL",
            ["Narrows public.orders.note becomes NOT NULL"],
            "`alter_column` with `nullable: false`"
        ),
        (
            "ALTER TABLE orders ALTER n DROP DEFAULT",
            ["Narrows public.orders.n loses its default"],
            "`alter_column` with `drop_default`"
        ),
        (
            "ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID",
            ["Narrows public.orders gets the CHECK"],
            "`add_check`"
        ),
        ("ALTER TABLE orders ADD x int CHECK (x > 0)", [], "kind `add_column` does"),
        (
            "ALTER TABLE orders ADD x int, ADD CHECK (amount > 0)",
            ["Narrows public.orders gets the CHECK"],
            "kinds `add_column` and `add_check` do"
        ),
        ("ALTER TABLE orders ADD x int GENERATED ALWAYS AS (amount * 2) STORED", [], "`add_column` with `derive`"),
        (
            "ALTER TABLE orders ADD x int NOT NULL",
            ["Narrows the new column public.orders.x is NOT NULL"],
            "`add_column`"
        ),
        (
            "CREATE UNIQUE INDEX ON lines (id)",
            ["Narrows the index lines_id_idx makes rows of public.lines unique"],
            "`create_index`"
        ),
        ("CREATE INDEX ON counted (amount)", [], "`create_index`"),
        (
            "DROP INDEX orders_amount",
            ["TakesName the unique index orders_amount of public.orders is dropped"],
            "`drop_index`"
        ),
        (
            "ALTER TABLE orders RENAME CONSTRAINT one_note TO single",
            ["TakesName it renames the constraint one_note of public.orders to single"],
            "`rename_constraint`"
        ),
        (
            "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID",
            ["Narrows public.lines gets the foreign key"],
            "`add_foreign_key`"
        ),
        ("ALTER TABLE orders ALTER note TYPE varchar(100)", [], "`alter_column` with `type`"),
        (
            "ALTER TABLE orders ALTER note TYPE varchar(10)",
            ["Narrows public.orders.note changes from character varying(50) to character varying(10)"],
            "`add_column` with `derive`"
        ),
        (
            "CREATE RULE none AS ON INSERT TO lines DO INSTEAD NOTHING",
            ["LosesData writes of running code to public.lines are replaced by the rule none"],
            "`sql` with `waits_for`"
        ),
        ("ALTER POLICY p ON walled USING (false)", ["Narrows the policies of public.walled change"], null),
        ("ALTER TABLE lines ENABLE ROW LEVEL SECURITY", ["Narrows row security of public.lines begins to apply"], null),
        (
            "ALTER TABLE parts DETACH PARTITION parts_1",
            ["TakesName the rows of public.parts_1 are no longer among those of public.parts"],
            "`detach_partition`"
        ),
        (
            "ALTER TABLE parts ALTER n SET NOT NULL",
            ["Narrows public.parts.n becomes NOT NULL"],
            "`alter_column` with `nullable: false`"
        ),
        ("COMMENT ON COLUMN orders.note IS 'x'", [], "`alter_column` with `comment`"),
        ("COMMENT ON TABLE orders IS 'x'", [], "`set_options`"),
        ("DROP VIEW seen", ["TakesName it drops the view public.seen"], "`sql` with `waits_for`"),
        (
            "DROP MATERIALIZED VIEW counted",
            ["TakesName it drops the materialized view public.counted"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER VIEW seen RENAME total TO amount",
            ["TakesName it renames the column public.seen.total to amount"],
            "`sql` with `waits_for`"
        ),
        ("CREATE VIEW other AS SELECT 1 AS one", [], null),
        (
            "DROP FUNCTION twice(int)",
            ["TakesName it drops the function public.twice(n integer)"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER FUNCTION twice(int) SET SCHEMA app",
            ["TakesName it renames the function public.twice(n integer) to app.twice(n integer)"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'",
            ["TakesName it renames the value public.mood.'bad' to mood.'poor'"],
            "`rename_enum_value`"
        ),
        ("ALTER TYPE mood ADD VALUE 'fine'", [], "`add_enum_value`"),
        (
            "ALTER TYPE place DROP ATTRIBUTE town",
            ["TakesName it drops the column public.place.town"],
            "`sql` with `waits_for`"
        ),
        ("DROP DOMAIN free", ["TakesName it drops the domain public.free"], "`sql` with `waits_for`"),
        (
            "ALTER DOMAIN short ADD CONSTRAINT c CHECK (length(VALUE) < 9)",
            ["Narrows the domain accepts fewer values"],
            "`alter_domain`"
        ),
        (
            "ALTER DOMAIN free ADD CONSTRAINT c CHECK (length(VALUE) < 9)",
            ["Narrows the domain public.free gets the CHECK c"],
            "`alter_domain`"
        ),
        ("DROP SEQUENCE numbers", ["TakesName it drops the sequence public.numbers"], "`sql` with `waits_for`"),
        (
            "DROP TRIGGER t ON lines",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE lines DISABLE TRIGGER t",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE lines ENABLE REPLICA TRIGGER t",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        ("ALTER TABLE lines ENABLE ALWAYS TRIGGER t", [], null),
        (
            "ALTER TABLE kept DISABLE TRIGGER ALL",
            ["Changes the foreign key of_order is no longer checked for public.kept"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE TRIGGER other BEFORE INSERT ON asked FOR EACH ROW EXECUTE FUNCTION stamp()",
            ["Changes the trigger other of public.asked begins to fire: stamp() runs"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE TRIGGER other AFTER INSERT ON asked FOR EACH ROW EXECUTE FUNCTION refuse()",
            ["Changes the trigger other of public.asked begins to fire: refuse() runs"],
            "`sql` with `waits_for`"
        ),
        ("CREATE TRIGGER other AFTER INSERT ON asked FOR EACH ROW EXECUTE FUNCTION stamp()", [], null),
        (
            "CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON lines FOR EACH ROW EXECUTE FUNCTION stamp()",
            ["Changes the trigger t of public.lines is replaced"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE walled DISABLE RULE told",
            ["Changes the rule told of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE RULE also AS ON INSERT TO lines DO ALSO INSERT INTO log VALUES (1)",
            ["Changes the rule also of public.lines begins to apply"],
            "`sql` with `waits_for`"
        ),
        (
            "DROP RULE told ON walled",
            ["Changes the rule told of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE walled DISABLE ROW LEVEL SECURITY",
            ["Changes row security of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE kept REPLICA IDENTITY NOTHING",
            ["Narrows updates and deletes of public.kept fail: it is published"],
            null
        ),
        (
            "ALTER TABLE kept DROP CONSTRAINT kept_pkey",
            [
                "Narrows updates and deletes of public.kept fail: it is published",
                "TakesName the unique index kept_pkey of public.kept is dropped",
            ],
            "`drop_constraint`"
        ),
        ("ALTER TABLE lines REPLICA IDENTITY NOTHING", [], null),
        (
            "ALTER PUBLICATION sent ADD TABLE log",
            ["Narrows updates and deletes of public.log fail: it is published"],
            null
        ),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total FROM orders WHERE amount > 5",
            ["Changes the query of the view public.seen is replaced"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount + 1 AS total FROM orders",
            ["Changes the query of the view public.seen is replaced"],
            "`sql` with `waits_for`"
        ),
        ("CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total, note FROM orders", [], null),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total FROM orders WITH CHECK OPTION",
            ["Narrows the view public.seen gets WITH CHECK OPTION"],
            null
        ),
        ("ALTER SEQUENCE used RESTART 5", ["Narrows the sequence public.used goes back to 5"], null),
        ("ALTER SEQUENCE used RESTART 501", [], null),
        ("ALTER SEQUENCE used INCREMENT BY 5", [], null),
        (
            "ALTER SEQUENCE used INCREMENT BY -1 MINVALUE 1 MAXVALUE 9223372036854775807",
            ["Narrows the sequence public.used counts in the other direction"],
            null
        ),
        ("ALTER SEQUENCE used MAXVALUE 600", ["Narrows the sequence public.used ends at 600"], null),
        ("ALTER SEQUENCE used AS int", ["Narrows the sequence public.used ends at 2147483647"], null),
        ("ALTER SEQUENCE used CYCLE", ["Changes the sequence public.used begins to cycle"], "`sql` with `waits_for`"),
        ("ALTER SEQUENCE round NO CYCLE", ["Narrows the sequence public.round no longer cycles"], null),
        ("ALTER SEQUENCE numbers RESTART 5", [], null),
        ("ALTER TABLE numbered ALTER id RESTART", ["Narrows the identity public.numbered.id goes back to 1"], null),
        ("ALTER TABLE numbered ALTER id RESTART WITH 5000", [], null),
        (
            "ALTER TABLE numbered ALTER id SET MAXVALUE 100",
            ["Narrows the identity public.numbered.id ends at 100"],
            null
        ),
        (
            "ALTER PUBLICATION wide DROP TABLE log",
            ["Changes the publication wide no longer publishes public.log"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET TABLE kept",
            ["Changes the publication wide no longer publishes public.log"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET (publish = 'truncate')",
            ["Changes the publication wide no longer publishes inserts"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET (publish = 'insert, update, truncate')",
            ["Narrows updates and deletes of public.log fail"],
            null
        ),
        ("DROP PUBLICATION wide", ["TakesName it drops the publication wide"], "`sql` with `waits_for`"),
        ("ALTER SUBSCRIPTION taken ENABLE", [], null),
        (
            "ALTER SUBSCRIPTION going DISABLE",
            ["Changes the subscription going no longer runs"],
            "`sql` with `waits_for`"
        ),
        (
            "REVOKE NAME_reader FROM NAME_app",
            ["TakesName it takes the membership in NAME_reader from NAME_app"],
            "`sql` with `waits_for`"
        ),
        ("ALTER ROLE NAME_app NOLOGIN", ["Narrows the role NAME_app changes: logins are refused"], null),
        ("ALTER ROLE NAME_app CONNECTION LIMIT 5", ["Narrows the role NAME_app may open fewer connections"], null),
        ("ALTER ROLE NAME_app CONNECTION LIMIT 50", [], null),
        ("ALTER ROLE NAME_app VALID UNTIL '2030-01-01'", ["Narrows the password of NAME_app expires earlier"], null),
        (
            "ALTER ROLE NAME_app SET search_path = app",
            ["Changes new sessions of NAME_app get another search_path"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER ROLE NAME_app RESET ALL",
            ["Changes new sessions of NAME_app get another work_mem"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER DATABASE DATABASE SET work_mem = '1MB'",
            ["Changes new sessions of the database get another work_mem"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER ROLE NAME_app PASSWORD 'sesame'",
            ["Narrows the password of NAME_app is replaced: logins with the old one are rejected"],
            null
        ),
        ("DROP SUBSCRIPTION taken", ["TakesName it drops a subscription"], null),
        ("SELECT setval('used', 5)", ["Narrows setval sets a sequence"], null),
        (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
            ["Changes pg_terminate_backend ends sessions"],
            "`sql` with `waits_for`"
        ),
        ("LOCK TABLE lines IN SHARE MODE", ["Changes code that writes \"public\".\"lines\" waits"], null),
        ("LOCK TABLE lines IN ROW SHARE MODE", [], null),
        ("DROP EXTENSION plpgsql", ["the server rejects it"], null),
        (
            "ALTER SCHEMA app RENAME TO other",
            ["TakesName it renames the schema app to other"],
            "`sql` with `waits_for`"
        ),
        (
            "REVOKE INSERT ON lines FROM NAME_reader",
            ["TakesName it takes INSERT on the table public.lines from NAME_reader"],
            "`sql` with `waits_for`"
        ),
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task A_loss_of_running_code_is_reported_with_the_safe_kind(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        string Named(string text) =>
            text.Replace("NAME_", $"{db.Name}_", StringComparison.Ordinal)
                .Replace("DATABASE DATABASE", $"DATABASE {db.Name}", StringComparison.Ordinal);
        await db.ExecuteAsync(Named(Tables + Surroundings));
        await db.ExecuteAsync(
            "CREATE SUBSCRIPTION going CONNECTION 'host=nowhere' PUBLICATION theirs WITH (connect = false, "
                + "slot_name = NONE); UPDATE pg_subscription SET subenabled = true WHERE subname = 'going'"
        );
        List<string> wrong = [];
        foreach ((string statement, string[] breaks, string? instead) in Cases)
        {
            Explanation answer = await ExplainAsync(db, Named(statement));
            if (answer is Explanation.NotMeasured { Problem.What: var what })
            {
                wrong.AddRange(breaks is [var only] && what.Contains(only) ? [] : [$"{statement}: {what}"]);
                continue;
            }

            StatementEffect effect = ((Explanation.Measured)answer).Effect;
            string[] told = [.. effect.Breaks.Select(each => $"{each.Kind} {each.What}")];
            bool isRight =
                told.Length == breaks.Length
                && breaks.All(expected => told.Any(each => each.StartsWith(Named(expected), StringComparison.Ordinal)));
            wrong.AddRange(isRight ? [] : [$"{statement}: {string.Join(" | ", told)}"]);
            wrong.AddRange(breaks.Length == 0 || effect.IsHarmful ? [] : [$"{statement}: not harmful"]);
            wrong.AddRange(
                (instead is null ? effect.SafeRoad is null : effect.SafeRoad?.Contains(instead) == true)
                    ? []
                    : [$"{statement}: instead: {effect.SafeRoad}"]
            );
        }

        await db.ExecuteAsync(
            Named(
                "UPDATE pg_subscription SET subenabled = false; ALTER SUBSCRIPTION taken SET (slot_name = "
                    + "NONE); DROP OWNED BY NAME_reader; DROP ROLE NAME_reader, NAME_app"
            )
        );
        await db.ExecuteAsync("DROP SUBSCRIPTION taken");
        await db.ExecuteAsync("DROP SUBSCRIPTION going");
        string.Join('\n', wrong).ShouldBeEmpty();
    }

    /// <summary>The server's own word: what is told of a published table that has no identity left.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Statements_that_break_updates_of_a_published_table_are_reported(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1); CREATE TABLE log (n "
                + "int); INSERT INTO log VALUES (1); CREATE PUBLICATION sent FOR TABLE kept; CREATE PUBLICATION "
                + "inserted WITH (publish = 'insert')"
        );
        (string Statement, string Update, bool Fails)[] cases =
        [
            ("ALTER TABLE kept REPLICA IDENTITY NOTHING", "UPDATE kept SET id = 2", true),
            ("ALTER TABLE kept DROP CONSTRAINT kept_pkey", "UPDATE kept SET id = 2", true),
            ("ALTER PUBLICATION sent ADD TABLE log", "UPDATE log SET n = 2", true),
            ("ALTER PUBLICATION inserted ADD TABLE log", "UPDATE log SET n = 2", false),
            ("ALTER TABLE kept REPLICA IDENTITY FULL", "UPDATE kept SET id = 2", false),
        ];
        foreach ((string statement, string update, bool fails) in cases)
        {
            (await EffectAsync(db, statement))
                .Breaks.Any(each => each.What.Contains("no replica identity"))
                .ShouldBe(fails, statement);
            await db.ExecuteAsync(
                $"DO $do$ BEGIN {statement}; BEGIN {update}; RAISE 'taken'; EXCEPTION WHEN OTHERS THEN "
                    + $"ASSERT (SQLSTATE = '55000') = {fails}, SQLERRM; END; RAISE division_by_zero; EXCEPTION "
                    + "WHEN division_by_zero THEN END $do$"
            );
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_statement_about_other_objects_than_tables_is_tried_with_its_locks(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(Tables.Replace("NAME_", $"{db.Name}_", StringComparison.Ordinal));

        (await EffectAsync(db, "DROP VIEW seen")).Locks.ShouldBe([
            new RelationLock("\"public\".\"seen\"", "ACCESS EXCLUSIVE", Blocks.ReadsAndWrites),
        ]);
        (await EffectAsync(db, "ALTER SEQUENCE numbers RESTART 5")).Locks.ShouldBe([
            new RelationLock("\"public\".\"numbers\"", "SHARE ROW EXCLUSIVE", Blocks.Writes),
        ]);
        (await EffectAsync(db, "DROP FUNCTION twice(int)")).Locks.ShouldBeEmpty();
        StatementEffect refreshed = await EffectAsync(db, "REFRESH MATERIALIZED VIEW counted");
        refreshed.Locks.ShouldBe([
            new RelationLock("\"public\".\"counted\"", "ACCESS EXCLUSIVE", Blocks.ReadsAndWrites),
        ]);
        refreshed.WorksWhileAppsWait.ShouldBeTrue();
        refreshed.Work.ShouldHaveSingleItem().Estimate.Bytes.ShouldBePositive();
        (await EffectAsync(db, "REFRESH MATERIALIZED VIEW CONCURRENTLY counted")).IsHarmful.ShouldBeFalse();
        StatementEffect domain = await EffectAsync(db, "ALTER DOMAIN short ADD CONSTRAINT c CHECK (VALUE <> '')");
        domain.Locks.ShouldBe([new RelationLock("\"public\".\"orders\"", "SHARE", Blocks.Writes)]);
        domain.Work.ShouldHaveSingleItem().Cost.ShouldBe(Cost.Scan);
        (
            await db.ScalarAsync<bool>(
                "SELECT to_regclass('seen') IS NOT NULL AND to_regprocedure('twice(int)') IS NOT NULL"
            )
        ).ShouldBeTrue();
        await db.ExecuteAsync($"DROP OWNED BY {db.Name}_reader; DROP ROLE {db.Name}_reader");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Written_rows_and_reached_code_are_reported(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(
            Tables.Replace("NAME_", $"{db.Name}_", StringComparison.Ordinal)
                + "CREATE TABLE big AS SELECT n AS id FROM generate_series(1, 40000) n; ANALYZE big;"
        );

        StatementEffect whole = await EffectAsync(db, "UPDATE big SET id = 0");
        whole.Writes.ShouldHaveSingleItem().Estimate.Rows.ShouldBe(40_000);
        whole.Writes[0].Estimate.Bytes.ShouldBeGreaterThan(10_000_000);
        whole.IsHarmful.ShouldBeTrue();
        await db.ExecuteAsync(
            "CREATE TABLE wide AS SELECT repeat('x', 1000) AS a FROM generate_series(1, 1000); ANALYZE wide"
        );
        (await EffectAsync(db, "UPDATE wide SET a = 'y'"))
            .Writes[0]
            .Estimate.Bytes.ShouldBeGreaterThan(2_500_000, "old and new versions of 1 kB");
        (await EffectAsync(db, "UPDATE big SET id = 0 WHERE id = 5")).IsHarmful.ShouldBeFalse();

        StatementEffect locking = await EffectAsync(db, "SELECT id FROM big FOR UPDATE");
        locking
            .Writes.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(
                rows => rows.Does.ShouldBe("locks"),
                rows => rows.Relation.ShouldBe("\"public\".\"big\""),
                rows => rows.Estimate.Rows.ShouldBe(40_000)
            );
        (await EffectAsync(db, "WITH n AS (SELECT id FROM big LIMIT 10 FOR SHARE SKIP LOCKED) SELECT * FROM n"))
            .Writes.ShouldHaveSingleItem()
            .Estimate.Rows.ShouldBe(10);
        (await EffectAsync(db, "SELECT id FROM big")).Writes.ShouldBeEmpty();

        // A view over the table beside it: both are read as what they are.
        (
            await EffectAsync(db, "UPDATE orders SET note = 'x' FROM seen v WHERE v.total = 5 AND v.id = orders.id")
        ).Locks.ShouldContain(held => held.Relation == "\"public\".\"orders\"");

        (await EffectAsync(db, "INSERT INTO asked VALUES (1)")).Unknown.ShouldBe([
            "again(): REFRESH MATERIALIZED VIEW counted",
        ]);
        (await EffectAsync(db, "DELETE FROM asked WHERE id = 5")).Unknown.ShouldBeEmpty();
        StatementEffect stamped = await EffectAsync(db, "INSERT INTO lines VALUES (1)");
        stamped.Calls.ShouldBe(["stamp()"]);
        stamped.IsHarmful.ShouldBeFalse();

        StatementEffect block = await EffectAsync(
            db,
            "DO $do$ BEGIN IF true THEN ALTER TABLE orders DROP COLUMN note; END IF; EXECUTE 'x'; PERFORM "
                + "again(); END $do$"
        );
        block.Unknown.ShouldBe([
            "the block: ALTER TABLE orders DROP COLUMN note",
            "the block: EXECUTE 'x'",
            "again(): REFRESH MATERIALIZED VIEW counted",
        ]);
        block.IsHarmful.ShouldBeTrue();
        (await EffectAsync(db, "DO 'BEGIN PERFORM 1; END'")).IsHarmful.ShouldBeTrue();
        await db.ExecuteAsync($"DROP OWNED BY {db.Name}_reader; DROP ROLE {db.Name}_reader");
    }

    /// <summary>
    /// What takes something from running code waits at the gate, though the author did not ask for one.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Sql_that_removes_a_name_waits_at_the_gate(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE orders (id int, amount int);");
        const string Dropping =
            "operations:\n  - sql: { up: ALTER TABLE orders DROP COLUMN amount, effect: [{ table: orders, "
            + "lock: access exclusive }] }";

        Plan plan = await db.PlannedAsync(Dropping);
        plan.Hazards.ShouldContain(hazard =>
            hazard.Code == "breaks-code" && hazard.Message.Contains("it drops the column public.orders.amount")
        );
        plan.Stages.Select(stage => stage.Name).ShouldBe([StageName.Switch, StageName.Contract]);
        (await db.ApplyAsync(Dropping)).ShouldWaitAtGate();
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'amount'"
            )
        ).ShouldBe(1);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Sql_that_changes_objects_of_running_code_waits_at_the_gate(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id int GENERATED ALWAYS AS IDENTITY, amount int); INSERT INTO orders "
                + "(amount) VALUES (1); CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                + "RETURN NEW; END $$; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE "
                + "FUNCTION stamp()"
        );
        (string Up, string Effect)[] cases =
        [
            ("ALTER TABLE orders DISABLE TRIGGER t", "{ table: orders, lock: share row exclusive }"),
            ("ALTER SEQUENCE orders_id_seq RESTART", "{ table: orders_id_seq, lock: share row exclusive }"),
            ("ALTER TABLE orders ALTER id RESTART", "{ table: orders, lock: access exclusive }"),
            ("SELECT setval('orders_id_seq', 1, false)", ""),
        ];
        foreach ((string up, string effect) in cases)
        {
            Plan plan = await db.PlannedAsync($"operations:\n  - sql: {{ up: \"{up}\", effect: [{effect}] }}");
            plan.Hazards.ShouldContain(hazard => hazard.Code == "breaks-code", up);
            plan.Stages.Select(stage => stage.Name).ShouldBe([StageName.Switch, StageName.Contract], up);
        }

        string refused = Outcomes.Words(
            await db.ApplyAsync("operations:\n  - sql: { up: ALTER ROLE somebody PASSWORD 'sesame' }")
        );
        refused.ShouldContain(
            "it contains a password, which everyone who reads the change file, the plan or the ledger would see"
        );
        refused.ShouldNotContain("sesame");
    }

    /// <summary>What the catalog keeps from it is not asked.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_role_without_superuser_gets_the_same_report(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        string role = $"{db.Name}_owner";
        await db.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO {role}; CREATE SEQUENCE "
                + $"hidden; SET ROLE {role}; CREATE VIEW seen AS SELECT 1 AS one; CREATE SEQUENCE used; SELECT "
                + "setval('used', 9); CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY); INSERT INTO "
                + "numbered DEFAULT VALUES; RESET ROLE"
        );
        await using (
            PostgresEngine engine = new(
                new NpgsqlConnectionStringBuilder(db.ConnectionString) { Username = role }.ConnectionString
            )
        )
        {
            foreach (
                string statement in (string[])
                    ["DROP VIEW seen", "ALTER SEQUENCE used RESTART", "ALTER TABLE numbered ALTER id RESTART"]
            )
            {
                Explanation answer = await engine.Inspection.Statements.ExplainAsync(statement, CancellationToken.None);
                answer
                    .ShouldBeOfType<Explanation.Measured>($"{statement}: {answer}")
                    .Effect.Breaks.Count.ShouldBe(1, statement);
            }
        }

        await db.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    /// <summary>Neighbours by foreign keys are copied only where the statement may reach them.</summary>
    [Theory, PostgresVersions(15)]
    public async Task Explain_copies_only_the_affected_tables_of_many(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE hub (id int PRIMARY KEY, n int); CREATE TABLE other (id int PRIMARY KEY); ALTER "
                + "TABLE hub ADD other int CONSTRAINT of_other REFERENCES other;"
        );
        await db.ExecuteAsync(
            "DO $$ BEGIN FOR i IN 1..5 LOOP EXECUTE format('CREATE TABLE spoke_%s (id int PRIMARY KEY, hub "
                + "int REFERENCES hub)', i); END LOOP; END $$"
        );

        (await EffectAsync(db, "ALTER TABLE hub ADD x int"))
            .Locks.Select(held => held.Relation)
            .ShouldBe(["\"public\".\"hub\""]);
        (await EffectAsync(db, "ALTER TABLE hub DROP CONSTRAINT of_other"))
            .Locks.Select(held => held.Relation)
            .ShouldBe(["\"public\".\"hub\"", "\"public\".\"other\""]);
        (await EffectAsync(db, "ALTER TABLE hub ALTER id TYPE bigint")).Locks.Count.ShouldBe(6);
        (await EffectAsync(db, "ALTER TABLE hub DROP COLUMN other"))
            .Locks.Select(held => held.Relation)
            .ShouldContain("\"public\".\"other\"");
    }

    private static async Task<StatementEffect> EffectAsync(TestDatabase db, string statement) =>
        (await ExplainAsync(db, statement)).ShouldBeOfType<Explanation.Measured>(statement).Effect;

    private static async Task<Explanation> ExplainAsync(TestDatabase db, string statement)
    {
        await using PostgresEngine engine = db.Engine();
        return await engine.Inspection.Statements.ExplainAsync(statement, CancellationToken.None);
    }
}
