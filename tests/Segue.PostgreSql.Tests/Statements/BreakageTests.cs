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
        foreach ((string statement, string[] breaks, string? instead) in BreakageCases.All)
        {
            Explanation answer = await ExplainAsync(db, Named(statement));
            if (answer is Explanation.NotMeasured { Problem.What: var what })
            {
                wrong.AddRange(breaks is [var only] && what.Contains(only) ? [] : [$"{statement}: {what}"]);
                continue;
            }

            StatementEffect effect = ((Explanation.Measured)answer).Effect;
            string[] told =
            [
                .. effect
                    .Breaks.Where(each => !IsOfAnotherTest(each.What, db))
                    .Select(each => $"{each.Kind} {each.What}"),
            ];
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

    /// <summary>Roles belong to the whole server, and other tests drop theirs meanwhile.</summary>
    private static bool IsOfAnotherTest(string what, TestDatabase db) =>
        what.Contains("the role app_test_", StringComparison.Ordinal)
        && !what.Contains($"the role app_{db.Name}:", StringComparison.Ordinal);

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

        await CodeOfBlocksIsReadAsync(db);
        await db.ExecuteAsync($"DROP OWNED BY {db.Name}_reader; DROP ROLE {db.Name}_reader");
    }

    private static async Task CodeOfBlocksIsReadAsync(TestDatabase db)
    {
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

    /// <summary>On a busy machine the catalog cannot be read while the locks may be held: it is asked again.</summary>
    private static async Task<Explanation> ExplainAsync(TestDatabase db, string statement)
    {
        const int MostTimes = 10;
        await using PostgresEngine engine = db.Engine();
        for (int times = 1; ; times++)
        {
            Explanation answer = await engine.Inspection.Statements.ExplainAsync(statement, CancellationToken.None);
            bool isBusy =
                answer is Explanation.NotMeasured { Problem.What: var what } && what.Contains("could not read within");
            if (!isBusy || times == MostTimes)
            {
                return answer;
            }
        }
    }
}
