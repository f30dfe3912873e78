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

    private const string ForTables = "type: int";

    private static readonly (string Column, string What)[] Refused =
    [
        (
            $"table: a_view, name: x, {ForTables}",
            "add_column a_view.x: public.a_view is a view; a view has no columns of its own. Add the "
                + "column to the underlying table, then recreate the view with the column."
        ),
        (
            $"table: a_matview, name: x, {ForTables}",
            "add_column a_matview.x: public.a_matview is a view; a view has no columns of its own. Add "
                + "the column to the underlying table, then recreate the view with the column."
        ),
        (
            $"table: a_sequence, name: x, {ForTables}",
            "add_column a_sequence.x: public.a_sequence is not a table. Name a table."
        ),
        (
            $"table: a_foreign_table, name: x, {ForTables}",
            "add_column a_foreign_table.x: public.a_foreign_table is a foreign table; its rows are in "
                + "another server. Add the column there first; then `ALTER FOREIGN TABLE ... ADD COLUMN` here "
                + "reads no rows."
        ),
        (
            $"table: parent, name: x, {ForTables}",
            "add_column parent.x: public.parent takes part in inheritance, where a column may come "
                + "from several parents. Add the column manually in each child, or turn the tables into "
                + "partitions first."
        ),
        (
            $"table: child, name: x, {ForTables}",
            "add_column child.x: public.child takes part in inheritance, where a column may come from "
                + "several parents. Add the column manually in each child, or turn the tables into "
                + "partitions first."
        ),
        (
            $"table: typed, name: x, {ForTables}",
            "add_column typed.x: public.typed is a typed table (OF type); its columns belong to the type. Use "
                + "`ALTER TYPE ... ADD ATTRIBUTE ... CASCADE` in a maintenance window, or `ALTER TABLE ... NOT "
                + "OF` first."
        ),
        (
            $"table: parts_1, name: x, {ForTables}",
            "add_column parts_1.x: public.parts_1 is a partition; its columns belong to its root. Name the "
                + "partitioned table; Segue fills every partition."
        ),
        (
            $"table: far_parts, name: x, {ForTables}",
            "add_column far_parts.x: public.far_parts has the foreign table far_parts_1 as a partition, "
                + "whose rows are in another server. Detach it first."
        ),
        (
            $"table: pg_catalog.pg_class, name: x, {ForTables}",
            "add_column pg_catalog.pg_class.x: pg_catalog.pg_class belongs to the system. Name a table of your own."
        ),
        (
            $"table: segue.change, name: x, {ForTables}",
            "add_column segue.change.x: segue.change belongs to the system. Name a table of your own."
        ),
        (
            "table: orders, name: x, type: int, generated: { expression: amount * 2, stored: true }",
            "add_column orders.x: a stored generated column rewrites the whole table while nobody can "
                + "read it. Use `derive:`, which keeps the column in sync by a trigger and fills it in "
                + "batches; or, on PostgreSQL 18, a generated column that is not stored."
        ),
        (
            "table: orders, name: x, type: positive",
            "add_column orders.x: public.positive is a domain with constraints: adding a column of it "
                + "rewrites the whole table while nobody can read it. Use the domain's base type and give its "
                + "constraint as `check:`."
        ),
        (
            "table: orders, name: x, type: filled, nullable: false, default: 1",
            "add_column orders.x: public.filled is a domain with constraints: adding a column of it "
                + "rewrites the whole table while nobody can read it. Use the domain's base type and give its "
                + "constraint as `check:`."
        ),
        (
            "table: orders, name: x, type: int, default: 1, unique: true",
            "add_column orders.x: the column is unique, and every existing row would get the same value. Give a "
                + "backfill that differs from row to row, or leave `unique` out."
        ),
        (
            "table: parts, name: x, type: int, unique: true",
            "add_column parts.x: parts is partitioned: a unique constraint must contain the partition key. "
                + "Leave `unique` out, and create a unique index on each partition if that is enough."
        ),
        (
            "table: orders, name: x, type: text, references: { table: volatile_codes }",
            "add_column orders.x: references: public.volatile_codes is unlogged: after a crash it is "
                + "empty, so no logged table may reference it. `ALTER TABLE \"public\".\"volatile_codes\" SET "
                + "LOGGED` first, or leave the foreign key out."
        ),
        (
            "table: published, name: x, type: int, backfill: id",
            "add_column published.x: public.published is published with updates but has no replica "
                + "identity: every UPDATE of it fails. Give it a primary key, or `ALTER TABLE ... REPLICA "
                + "IDENTITY FULL`."
        ),
        (
            "table: parts, name: x, type: int, backfill: id",
            "add_column parts.x: public.parts is published with updates but has no replica identity: every "
                + "UPDATE of it fails. Give it a primary key, or `ALTER TABLE ... REPLICA IDENTITY FULL`."
        ),
        (
            "table: computed, name: x, type: int, derive: twice + 1",
            "add_column computed.x: the expression reads twice, a generated column, whose new value no "
                + "trigger can see. Write out the expression that twice is generated from."
        ),
        (
            "table: ruled, name: x, type: int, backfill: id",
            "add_column ruled.x: public.ruled has the rule nothing on UPDATE, which may run something "
                + "else instead. Drop it, or make it a trigger."
        ),
        (
            "table: wide, name: x, type: int",
            "add_column wide.x: public.wide has 1,600 columns, of 1,600 at most; dropped columns "
                + "count. Split the table; or, if many columns were dropped, copy it into a new one."
        ),
        (
            "table: late, name: x, type: int, derive: id",
            "add_column late.x: public.late has BEFORE triggers whose names sort after any name Segue can "
                + "use; they would change rows after the new column was computed. Rename them to begin with a "
                + "plain letter."
        ),
    ];

    private static readonly (string Column, string What)[] Invalid =
    [
        (
            "table: nowhere, name: x, type: int",
            "add_column nowhere.x: there is no table nowhere in database {0} on the search path (public). "
                + "Check the name and the database."
        ),
        (
            "table: ORDERS, name: x, type: int",
            "add_column ORDERS.x: there is no table ORDERS in database {0} on the search path (public). "
                + "Did you mean public.orders?"
        ),
        ("table: orders, name: note, type: int", "already has a column note"),
        ("table: orders, name: ctid, type: int", "conflicts with a system column name"),
        ("table: orders, name: x, type: nonsense", "add_column orders.x: type: type \"nonsense\" does not exist"),
        ("table: orders, name: x, type: bigserial", "serial is not a type: use `identity:` with an integer type"),
        ("table: orders, name: x, type: \"numeric(2000)\"", "NUMERIC precision 2000 must be between 1 and 1000"),
        ("table: orders, name: x, type: anyelement", "pseudo-type"),
        ("table: orders, name: x, type: int, collation: C", "collations are not supported by type integer"),
        (
            "table: orders, name: x, type: text, collation: nowhere",
            "collation \"nowhere\" for encoding \"UTF8\" does not exist"
        ),
        ("table: orders, name: x, type: int, default: \"'x'\"", "invalid input syntax for type integer"),
        ("table: orders, name: x, type: int, default: amount", "cannot use column reference in DEFAULT expression"),
        ("table: orders, name: x, type: int, default: 1/0", "division by zero"),
        (
            "table: orders, name: x, type: int, nullable: false, default: \"null\"",
            "add_column orders.x: default: it is NULL, and the column is NOT NULL. Give another value, or allow NULL."
        ),
        (
            "table: orders, name: x, type: int, nullable: false, backfill: \"null\"",
            "add_column orders.x: backfill: it is NULL, and the column is NOT NULL. Give another value, or allow NULL."
        ),
        ("table: orders, name: x, type: mood, default: \"'glad'\"", "invalid input value for enum mood"),
        ("table: orders, name: x, type: int, backfill: amont + 1", "column \"amont\" does not exist"),
        (
            "table: orders, name: x, type: int, backfill: note",
            "column \"x\" is of type integer but expression is of type text"
        ),
        ("table: orders, name: x, type: int, backfill: sum(amount)", "aggregate functions are not allowed"),
        (
            "table: orders, name: x, type: int, backfill: \"generate_series(1, amount)\"",
            "set-returning functions are not allowed"
        ),
        (
            "table: orders, name: x, type: text, backfill: ctid::text",
            "it uses a system column (ctid, xmin, tableoid, ...), which no trigger can see."
        ),
        (
            "table: orders, name: x, type: text, backfill: orders::text",
            "it uses the whole row; name the columns it needs."
        ),
        ("table: orders, name: x, type: int, derive: (random() * amount)::int", "gives another value each time"),
        ("table: orders, name: x, type: int, backfill: x + 1", "column \"x\" does not exist"),
        ("table: orders, name: x, type: int, check: x", "must be type boolean"),
        ("table: orders, name: x, type: int, check: x > (SELECT 1)", "cannot use subquery in check constraint"),
        (
            "table: orders, name: x, type: json, index: true",
            "data type json has no default operator class for access method \"btree\""
        ),
        (
            "table: orders, name: x, type: text, identity: {}",
            "identity column type must be smallint, integer, or bigint"
        ),
        (
            "table: orders, name: x, type: smallint, identity: { start: 32000 }",
            "the type has too few numbers for the existing rows (about "
        ),
        (
            "table: aside.lone, name: x, type: int, backfill: \"(SELECT max(other.id) FROM lone other "
                + "WHERE other.id < lone.id)\"",
            "it reads lone by a name that is not on the search path. Write \"aside\".\"lone\" where it "
                + "reads other rows of the table."
        ),
        ("table: segue_view, name: x, type: int, backfill: nonsense", "column \"nonsense\" does not exist"),
        ("table: orders, name: x, type: text, references: { table: nowhere }", "there is no table nowhere"),
        (
            "table: orders, name: x, type: text, references: { table: currencies, column: nothing }",
            "column \"nothing\" referenced in foreign key constraint does not exist"
        ),
        (
            "table: orders, name: x, type: text, references: { table: orders, column: note }",
            "there is no unique constraint matching given keys for referenced table \"orders\""
        ),
        ("table: orders, name: x, type: inet, references: { table: currencies }", "cannot be implemented"),
        (
            "table: orders, name: x, type: int, generated: { expression: random()::int, stored: true }",
            "generation expression is not immutable"
        ),
    ];

    [Theory, PostgresVersions]
    public async Task A_harmful_column_is_refused_with_the_reason_and_a_remedy(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        List<string> wrong = [];
        foreach ((string column, string what) in Refused)
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

    /// <summary>PG15: expressions are checked by the server at plan time.</summary>
    [Theory, PostgresVersions]
    public async Task A_column_that_does_not_fit_the_table_is_invalid_and_changes_nothing(int major)
    {
        await using TestDatabase db = await SetUpAsync(major);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        List<string> wrong = [];
        foreach ((string column, string what) in Invalid)
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
        await db.ExecuteAsync(
            $"DROP ROLE IF EXISTS owner_{db.Name}; CREATE ROLE owner_{db.Name} LOGIN; GRANT CREATE ON "
                + $"DATABASE {db.Name} TO owner_{db.Name}; GRANT CREATE ON SCHEMA public TO owner_{db.Name};"
        );
        await using TestDatabase asOwner = new(
            db.Server,
            db.Name,
            db.Server.ConnectionString(db.Name, $"owner_{db.Name}")
        );
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

    private static async Task<TestDatabase> SetUpAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.ApplyAsync(Cases.Adds("table: nowhere, name: x, type: int"));
        return db;
    }

    /// <summary>PG13: which of two sync triggers runs first only their names would tell.</summary>
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
