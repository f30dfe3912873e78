using Segue.Engines;
using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>What cannot be done safely, or at all, is said before anything is changed.</summary>
public class RefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE VIEW a_view AS SELECT * FROM orders;
            CREATE MATERIALIZED VIEW a_matview AS SELECT * FROM orders;
            CREATE SEQUENCE a_sequence;
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
            CREATE FOREIGN TABLE a_foreign_table (id int) SERVER elsewhere;
            CREATE TABLE parent (id int);
            CREATE TABLE child () INHERITS (parent);
            CREATE TYPE pair AS (a int, b int);
            CREATE TABLE typed OF pair;
            CREATE TABLE parts (id int, name text) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE TABLE far_parts (id int) PARTITION BY LIST (id);
            CREATE FOREIGN TABLE far_parts_1 PARTITION OF far_parts FOR VALUES IN (1) SERVER elsewhere;
            CREATE UNLOGGED TABLE volatile_codes (code text PRIMARY KEY);
            CREATE TABLE published (id int); INSERT INTO published VALUES (1);
            CREATE PUBLICATION p FOR TABLE published, parts;
            INSERT INTO parts VALUES (1);
            CREATE TABLE computed (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);
            INSERT INTO computed VALUES (1);
            CREATE TABLE late (id int); INSERT INTO late VALUES (1);
            CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            CREATE TRIGGER "éclair" BEFORE UPDATE ON late FOR EACH ROW EXECUTE FUNCTION pass();
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);
            CREATE DOMAIN filled AS int NOT NULL;
            CREATE TYPE mood AS ENUM ('sad');
            CREATE TABLE ruled (id int); INSERT INTO ruled VALUES (1);
            CREATE RULE nothing AS ON UPDATE TO ruled DO INSTEAD NOTHING;
            CREATE SCHEMA aside; CREATE TABLE aside.lone (id int); INSERT INTO aside.lone VALUES (1);
            CREATE TABLE segue_view (id int); INSERT INTO segue_view VALUES (1);
            DO $$ BEGIN EXECUTE 'CREATE TABLE wide ('
                || (SELECT string_agg('c' || n || ' bool', ', ') FROM generate_series(1, 1600) n) || ')'; END $$;
            ALTER TABLE wide DROP COLUMN c7;

            """;

    [Theory, PostgresVersions]
    public async Task A_harmful_column_is_refused_with_the_reason_and_a_remedy(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        List<string> wrong = [];
        foreach ((string column, string what) in ColumnRefusals.Refused)
        {
            RunOutcome outcome = await db.ApplyAsync(Cases.Adds(column));
            if (outcome is not RunOutcome.Refused { Problems: [{ } only] } || only.ToString() != what)
            {
                wrong.Add($"{column}\n  is {outcome.GetType().Name}: {Outcomes.Words(outcome)}\n  not {what}");
            }
        }

        string.Join('\n', wrong).ShouldBeEmpty();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    /// <summary>Expressions are checked by the server at plan time.</summary>
    [Theory, PostgresVersions]
    public async Task A_column_that_does_not_fit_the_table_is_invalid_and_changes_nothing(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        List<string> wrong = [];
        foreach ((string column, string what) in ColumnRefusals.Invalid)
        {
            RunOutcome outcome = await db.ApplyAsync(Cases.Adds(column));
            if (
                outcome is not RunOutcome.Invalid { Problems.Count: >= 1 }
                || !Outcomes.Words(outcome).Contains(what.Replace("{0}", db.Name))
            )
            {
                wrong.Add($"{column}\n  is {outcome.GetType().Name}: {Outcomes.Words(outcome)}\n  not {what}");
            }
        }

        string.Join('\n', wrong).ShouldBeEmpty();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_temporary_table_of_a_session_is_refused(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        await using Npgsql.NpgsqlConnection session = await db.OpenAsync();
        await using Npgsql.NpgsqlCommand command = new(
            "CREATE TEMPORARY TABLE mine (id int); SELECT pg_my_temp_schema()::regnamespace::text",
            session
        );
        string schema = (string)(await command.ExecuteScalarAsync())!;
        Outcomes
            .Words(await db.ApplyAsync(Cases.Adds($"table: {schema}.mine, name: x, type: int")))
            .ShouldBe(
                $"add_column {schema}.mine.x: {schema}.mine is a temporary table of one session. Name a "
                    + "permanent table."
            );
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_column_twice_in_one_change_is_invalid_however_the_table_is_named(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        (
            await db.ApplyAsync(
                Cases.Adds("table: orders, name: x, type: int", "table: public.orders, name: x, type: text")
            )
        )
            .ShouldBeOfType<RunOutcome.Invalid>()
            .Problems.ShouldHaveSingleItem()
            .What.ShouldBe("the change adds this column twice.");
    }

    [Theory, PostgresVersions(14, 15, 16, 17)]
    public async Task A_virtual_generated_column_needs_18_and_a_partitioned_identity_17(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        Outcomes
            .Words(
                await db.ApplyAsync(
                    Cases.Adds("table: orders, name: x, type: int, generated: { expression: amount * 2 }")
                )
            )
            .ShouldContain(
                "Virtual generated columns need PostgreSQL 18; `derive:` keeps a column in sync on every version."
            );
        if (major < 17)
        {
            await db.ExecuteAsync("DROP PUBLICATION p");
            Outcomes
                .Words(await db.ApplyAsync(Cases.Adds("table: parts, name: x, type: int, identity: {}")))
                .ShouldContain("partitioned tables support identity columns only from PostgreSQL 17 on.");
        }
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_role_that_is_not_the_owner_or_sees_only_some_rows_is_refused(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        await using TestDatabase asOwner = await AsNewRoleAsync(db);
        Outcomes
            .Words(await asOwner.ApplyAsync(Cases.Adds("table: orders, name: x, type: int")))
            .ShouldContain("public.orders belongs to postgres; only its owner may alter it.");

        await db.ExecuteAsync(
            $"ALTER TABLE orders OWNER TO owner_{db.Name}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY, "
                + $"FORCE ROW LEVEL SECURITY; GRANT SELECT ON currencies TO owner_{db.Name}"
        );
        Outcomes
            .Words(await asOwner.ApplyAsync(Cases.Adds("table: orders, name: x, type: int, backfill: amount")))
            .ShouldContain(
                "row security applies to our role on public.orders: rows that it hides would stay unfilled."
            );
        Outcomes
            .Words(
                await asOwner.ApplyAsync(
                    Cases.Adds("table: orders, name: x, type: char(3), references: { table: currencies }")
                )
            )
            .ShouldContain("our role may not reference public.currencies.");
        (
            await asOwner.ApplyAsync(Cases.Adds("table: orders, name: x, type: int, nullable: false, default: 5"))
        ).ShouldBeCompleted();
        Outcomes
            .Words(
                await asOwner.ApplyAsync(
                    "operations:\n  - add_check: { table: orders, check: amount > 0 }",
                    change: "0003_test"
                )
            )
            .ShouldContain(
                "row security applies to our role on public.orders: Segue could not check the rows that it hides."
            );
        Outcomes
            .Words(
                await asOwner.ApplyAsync(
                    "operations:\n  - create_index: { table: orders, columns: [amount], unique: true }",
                    change: "0003_test"
                )
            )
            .ShouldContain("Segue could not check the rows that it hides.");
        await db.ExecuteAsync($"ALTER TABLE orders NO FORCE ROW LEVEL SECURITY");
        await asOwner.MigrateAsync(Cases.Adds("table: orders, name: y, type: int, backfill: amount"), "0002_test");
        await db.ExecuteAsync(
            $"REASSIGN OWNED BY owner_{db.Name} TO postgres; DROP OWNED BY owner_{db.Name}; DROP ROLE owner_{db.Name}"
        );
    }

    /// <summary>The database as a role sees it that may create objects there.</summary>
    private static async Task<TestDatabase> AsNewRoleAsync(TestDatabase db)
    {
        await db.ExecuteAsync(
            $"DROP ROLE IF EXISTS owner_{db.Name}; CREATE ROLE owner_{db.Name} LOGIN; GRANT CREATE ON "
                + $"DATABASE {db.Name} TO owner_{db.Name}; GRANT CREATE ON SCHEMA public TO owner_{db.Name};"
        );
        return new TestDatabase(db.Server, db.Name, db.Server.ConnectionString(db.Name, $"owner_{db.Name}"));
    }

    private static async Task<TestDatabase> SetUpAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.ApplyAsync(Cases.Adds("table: nowhere, name: x, type: int"));
        return db;
    }

    /// <summary>Which of two sync triggers runs first only their names would tell.</summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task A_column_that_another_change_fills_is_read_only_after_that_change_is_completed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string first = Cases.Adds(
            "table: orders, name: one, type: text, nullable: false, backfill: \"coalesce(region, '-')\""
        );
        string second = Cases.Adds("table: orders, name: two, type: text, nullable: false, backfill: upper(one)");
        (await db.ApplyAsync(first)).ShouldWaitAtGate();

        Outcomes
            .Words((await db.ApplyAsync(second, change: "0002_test")).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain(
                "the expression reads one, which an unfinished change is still filling. Complete that change first"
            );
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ApplyAsync(second, change: "0002_test")).ShouldWaitAtGate();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_read_only_role_is_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + $"ALTER DATABASE \"{db.Name}\" SET default_transaction_read_only = on");
        db.Reconnect();

        (await db.PlanAsync(Cases.Adds("table: orders, name: x, type: int")))
            .ShouldBeOfType<PlanOutcome.Refused>()
            .Problems.ShouldHaveSingleItem()
            .What.ShouldContain("default_transaction_read_only is on");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_text_outside_the_databases_encoding_is_reported_with_its_key(int major)
    {
        await using TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        string name = $"latin_{admin.Name}";
        await admin.ExecuteAsync($"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        await using TestDatabase db = new(admin.Server, name, admin.Server.ConnectionString(name));
        await db.ExecuteAsync(Cases.Orders);

        string words = string.Join(
            '\n',
            (
                await db.PlanAsync(
                    "description: \"a → b\"\n" + Cases.Adds("table: orders, name: x, type: int, comment: \"→\"")
                )
            )
                .ShouldBeOfType<PlanOutcome.Invalid>()
                .Problems
        );

        words.ShouldContain("0001_test: description: the database cannot hold this text");
        words.ShouldContain("add_column orders.x: comment: the database cannot hold this text");
    }

    /// <summary>A plan shows such a row field by field, and a virtual column has no value a trigger can see.</summary>
    [Theory, PostgresVersions(18)]
    public async Task The_whole_row_of_a_table_with_a_virtual_column_is_refused_too(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE sums (id int, twice int GENERATED ALWAYS AS (id * 2) VIRTUAL); INSERT INTO sums VALUES (1)"
        );

        Outcomes
            .Words(await db.ApplyAsync(Cases.Adds("table: sums, name: x, type: text, backfill: to_jsonb(sums)::text")))
            .ShouldContain("it uses the whole row");
    }
}
