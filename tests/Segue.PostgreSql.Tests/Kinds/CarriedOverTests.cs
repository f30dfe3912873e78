using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>PG22: what knows a column's type by its own definition comes again as it was, or stands in the way by its name: never CASCADE, never something older than what is there.</summary>
public class CarriedOverTests
{
    private const string Goods = "CREATE TABLE goods (id int PRIMARY KEY, code varchar(20), price int); INSERT INTO goods SELECT n, 'c' || n, n FROM generate_series(1, 100) n;";

    private const string Cheap = "CREATE VIEW cheap AS SELECT id, code FROM goods WHERE price < 3;";

    private const string Widen = "operations:\n  - alter_column: { table: goods, name: code, type: text }";

    public static TheoryData<string, string> NotCarried { get; } = new()
    {
        { Cheap + "CREATE MATERIALIZED VIEW kept AS SELECT * FROM cheap", "the type of code is known to materialized view public.kept: that cannot be taken away and made again while apps work. Drop it first, and create it again afterwards." },
        { "CREATE MATERIALIZED VIEW kept AS SELECT code FROM goods", "the type of code is known to materialized view public.kept:" },
        { "CREATE FUNCTION asks() RETURNS text LANGUAGE sql RETURN (SELECT max(code) FROM goods)", "the type of code is known to function public.asks():" },
        { Cheap + "CREATE FUNCTION asks() RETURNS SETOF cheap LANGUAGE sql AS 'SELECT * FROM cheap'", "the type of code is known to function public.asks():" },
        { "CREATE RULE logs AS ON UPDATE TO goods WHERE new.code = 'x' DO ALSO SELECT 1", "the type of code is known to rule logs on table public.goods:" },
        { "CREATE TABLE others (id int); ALTER TABLE others ENABLE ROW LEVEL SECURITY; CREATE POLICY looks ON others USING (EXISTS (SELECT FROM goods WHERE goods.code = 'x' AND goods.id = others.id))", "the type of code is known to policy looks on table public.others:" },
        { Cheap + "GRANT SELECT ON cheap TO pg_monitor WITH GRANT OPTION; SET ROLE pg_monitor; GRANT SELECT ON cheap TO PUBLIC; RESET ROLE", "the type of code is known to view public.cheap, on which pg_monitor, who does not own it, has granted rights:" },
        { Cheap + "CREATE SEQUENCE counter OWNED BY cheap.id", "the type of code is known to sequence public.counter:" },
        { "CREATE FUNCTION pick(varchar) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE FUNCTION pick(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE VIEW numbers AS SELECT pick(code) + 1 AS n FROM goods", "type: operator does not exist: text + integer" },
    };

    public static TheoryData<string, string> NotTogether { get; } = new()
    {
        { "CREATE VIEW paired AS SELECT code, note FROM goods JOIN notes USING (id)", "view public.paired" },
        { "ALTER TABLE goods ADD other varchar(5); CREATE VIEW paired AS SELECT code, other FROM goods", "view public.paired" },
        { "ALTER TABLE goods ADD other varchar(5), ADD CONSTRAINT sane CHECK (code <> other)", "constraint public.goods sane" },
    };

    /// <summary>Each would make again what the other has planned with.</summary>
    [Theory, MemberData(nameof(NotTogether))]
    public async Task Two_changes_under_one_view_come_one_after_the_other(string setup, string shared)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(15);
        await db.ExecuteAsync(Goods + "CREATE TABLE notes (id int PRIMARY KEY, note varchar(20));" + setup);
        string second = setup.Contains("notes", StringComparison.Ordinal) ? "{ table: notes, name: note, type: text }" : "{ table: goods, name: other, type: text }";
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();

        Outcomes.Words(await db.ApplyAsync($"operations:\n  - alter_column: {second}", change: "0002_test")).ShouldContain($"the change 0001_test is not finished, and is about the same: {shared}.");

        (await db.RollbackAsync()).ShouldBeRolledBack();
        string together = $"{Widen}\n  - alter_column: {second}";
        if (setup.Contains("notes", StringComparison.Ordinal))
        {
            Outcomes.Words((await db.ApplyAsync(together, change: "0003_test")).ShouldBeOfType<RunOutcome.Invalid>()).ShouldContain("`alter_column goods.code` of the same change is about this view as well.");
            await db.MigrateAsync(Widen, "0004_test");
            await db.MigrateAsync($"operations:\n  - alter_column: {second}", "0005_test");
        }
        else
        {
            await db.MigrateAsync(together, "0003_test");
        }
    }

    [Fact]
    public async Task What_another_change_keeps_in_step_is_told_as_such()
    {
        const string Derive = "operations:\n  - add_column: { table: goods, name: lower, type: text, derive: lower(code) }";
        await using TestDatabase db = await Postgres.DatabaseAsync(17);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        (await db.ApplyAsync(Derive, change: "0002_test")).ShouldWaitAtGate();

        Outcomes.Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>()).ShouldContain("cannot be done: another unfinished change keeps goods's code in step with old code: `segue status` names it; complete it, or roll it back, first, then `segue apply` again");

        (await db.RollbackAsync()).ShouldBeRolledBack();
        Outcomes.Words((await db.ApplyAsync(Widen, change: "0003_test")).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("an unfinished change keeps code in step with old code. Complete that change first");
        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
        await db.MigrateAsync(Widen, "0004_test");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Another_function_of_the_name_is_told_or_where_it_is_a_CHECKs_refused(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "CREATE FUNCTION lab(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'v'$$; CREATE FUNCTION lab(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 't'$$; CREATE VIEW labelled AS SELECT lab(code) FROM goods");

        (await db.PlannedAsync(Widen)).Hazards.ShouldContain(hazard => hazard.Code == "calls-others" && hazard.Message.Contains("view public.labelled calls public.lab(pg_catalog.text) in the place of public.lab(character varying)", StringComparison.Ordinal));
        (await db.PlannedAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }")).Hazards.ShouldNotContain(hazard => hazard.Code == "calls-others");
        await db.ExecuteAsync("ALTER TABLE goods ADD CONSTRAINT old CHECK (lab(code) = 'v')");

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("with the new type a CHECK would mean something else: constraint old on table public.goods calls public.lab(pg_catalog.text) in the place of");
        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }", "0002_test");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_that_cannot_be_copied_is_refused_in_words(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "ALTER TABLE goods ADD CONSTRAINT whole CHECK (goods IS NOT NULL)");

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldStartWith("alter_column goods.code: public.goods cannot be copied, and the server is asked on a copy: cannot convert whole-row table reference.");

        await db.ExecuteAsync("ALTER TABLE goods DROP CONSTRAINT whole, ADD longer int GENERATED ALWAYS AS (length(code)) STORED");
        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Invalid>()).ShouldEndWith("Drop that first, and create it again afterwards.");
    }

    /// <summary>Rows that the CHECK allowed would break it once nothing leads back.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_CHECK_that_means_something_else_with_the_new_type_is_no_reason_to_skip_the_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "CREATE DOMAIN ordered AS varchar(20) COLLATE \"C\"; ALTER TABLE goods ADD CHECK (code < 'z')");

        Outcomes.Words((await db.ApplyAsync("operations:\n  - alter_column: { table: goods, name: code, type: ordered }")).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("the server would read the whole table while nobody can use the table");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task What_knows_a_partitions_own_column_stands_in_the_way(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE goods (id int, code varchar(20)) PARTITION BY RANGE (id); CREATE TABLE goods_1 PARTITION OF goods DEFAULT; CREATE VIEW one AS SELECT code FROM goods_1; CREATE VIEW all_of_them AS SELECT code FROM goods");

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("the type of code is known to view public.one: that cannot be taken away");
    }

    /// <summary>The new type is looked for as every type of a change is; what is made again by names that have their schema.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_of_another_schema_of_the_search_path_is_found(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + $"{Cheap} CREATE SCHEMA extensions; CREATE DOMAIN extensions.longer AS varchar(30); ALTER DATABASE {db.Name} SET search_path = public, extensions");
        db.Reconnect();

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: longer }");

        (await db.ScalarAsync<string>("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'cheap'::regclass AND attname = 'code'")).ShouldEndWith("longer");
    }

    /// <summary>Only what the change gives another type is looked at.</summary>
    [Fact]
    public async Task What_knows_a_column_whose_type_stays_is_left_alone()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(15);
        await db.ExecuteAsync(Goods + "CREATE MATERIALIZED VIEW prices AS SELECT price FROM goods");

        await db.MigrateAsync($"{Widen}\n  - alter_column: {{ table: goods, name: price, type: int, comment: in cents }}");
    }

    [Fact]
    public async Task A_statement_of_the_same_change_that_would_read_the_column_is_sent_to_another()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods);

        Outcomes.Words((await db.ApplyAsync($"{Widen}\n  - sql: {{ up: CREATE VIEW cheap AS SELECT code FROM goods, down: DROP VIEW cheap }}")).ShouldBeOfType<RunOutcome.Invalid>()).ShouldContain("of the same change reads code");
    }

    /// <summary>Printed without a schema a name is pg_catalog's, also when an operator or function of the app's schema that fits better has come since.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_name_means_the_same_when_it_is_made_again(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "CREATE VIEW named AS SELECT id, concat(code, '!'::text) AS name FROM goods WHERE code ~~ 'c1'::text");
        await db.ExecuteAsync("CREATE FUNCTION concat(varchar, text) RETURNS text LANGUAGE sql AS $$SELECT 'other'$$; CREATE FUNCTION never(text, text) RETURNS bool LANGUAGE sql AS $$SELECT false$$; CREATE FUNCTION never(varchar, text) RETURNS bool LANGUAGE sql AS $$SELECT false$$; CREATE OPERATOR ~~ (LEFTARG = varchar, RIGHTARG = text, FUNCTION = never); CREATE OPERATOR ~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = never)");

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }");

        (await db.ColumnAsync("SELECT id || name FROM named")).ShouldBe(["1c1!"]);
    }

    /// <summary>The owner of a view that reads another table may read no more of it than the columns it names; nobody needs more than that.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_view_whose_owner_may_read_some_columns_of_another_table_comes_again(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods +
            """
            CREATE TABLE prices (price int, secret text); CREATE VIEW inner_one AS SELECT price FROM prices; ALTER VIEW inner_one OWNER TO pg_monitor; GRANT SELECT (price) ON prices TO pg_monitor; GRANT SELECT ON goods TO pg_monitor;
            CREATE VIEW priced AS SELECT code, price FROM goods JOIN inner_one USING (price); ALTER VIEW priced OWNER TO pg_monitor;
            """);

        await db.MigrateAsync(Widen);

        (await db.ScalarAsync<string>("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'priced'")).ShouldBe("pg_monitor");
    }

    /// <summary>An audit that names its table without a schema counts on the path of whoever alters the schema.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_event_trigger_finds_what_it_names(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods + Cheap +
            """
            CREATE TABLE ddl_log (what text); CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ddl_log SELECT command_tag || ' ' || object_identity FROM pg_event_trigger_ddl_commands(); END $$;
            CREATE EVENT TRIGGER logs ON ddl_command_end EXECUTE FUNCTION log_ddl();
            """);

        await db.MigrateAsync(Widen);

        (await db.ColumnAsync("SELECT what FROM ddl_log WHERE what LIKE 'CREATE VIEW public%'")).ShouldBe(["CREATE VIEW public.cheap"]);
    }

    /// <summary>Both sides are locked for the moment, and the plan says so.</summary>
    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_column_that_a_foreign_key_compares_gets_a_wider_type_on_either_side(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "ALTER TABLE goods ADD UNIQUE (code); CREATE TABLE sales (id int, code varchar(20) REFERENCES goods (code) ON UPDATE CASCADE); INSERT INTO sales SELECT id, code FROM goods; CREATE VIEW sold AS SELECT goods.price FROM sales JOIN goods USING (code)");

        Plan plan = await db.PlannedAsync(Widen);
        plan.Steps().OfType<DdlStep>().Single().Impact.Locks.ShouldContain(held => held.Relation == "\"public\".\"sales\"" && held.Mode == "ACCESS EXCLUSIVE");
        await db.MigrateAsync(Widen);
        await db.MigrateAsync("operations:\n  - alter_column: { table: sales, name: code, type: varchar(40) }", "0002_test");

        (await db.ScalarAsync<long>("SELECT count(*) FROM sold")).ShouldBe(100);
        (await db.ScalarAsync<bool>("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'")).ShouldBeTrue();
    }

    /// <summary>What the server prints in another form once it is made from its own print.</summary>
    [Theory, PostgresVersions]
    public async Task What_prints_otherwise_when_it_is_made_again_is_the_same(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods +
            """
            CREATE VIEW few_goods AS SELECT id, code, CASE WHEN code IN ('c7', 'c8') THEN 'last' END AS which FROM goods WHERE code IN ('c1', 'c2', 'c7') AND price BETWEEN 1 AND 50 AND id > 0 OR code NOT IN ('x', 'y') AND id = 9;
            CREATE POLICY few ON goods USING (code IN ('c1', 'c2')); ALTER TABLE goods ADD CHECK (code IN ('c1', 'c2') OR price BETWEEN 1 AND 100 AND id > 0);
            CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER told BEFORE UPDATE ON goods FOR EACH ROW WHEN (NEW.code IN ('c1', 'c2')) EXECUTE FUNCTION noted();
            """);
        IReadOnlyList<string> before = await db.ColumnAsync("SELECT concat_ws(' ', id, code, which) FROM few_goods ORDER BY id");

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }");
        await db.MigrateAsync(Widen, "0002_test");

        before.ShouldBe(["1 c1", "2 c2", "7 c7 last", "9 c9"]);
        (await db.ColumnAsync("SELECT concat_ws(' ', id, code, which) FROM few_goods ORDER BY id")).ShouldBe(before);
        (await db.ColumnAsync("SELECT conname FROM pg_constraint WHERE NOT convalidated")).ShouldBeEmpty();
    }

    /// <summary>Whoever holds what a view reads beside the table is waited for before anything is locked that apps use, and named.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task What_a_view_reads_beside_the_table_is_waited_for_first(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "CREATE TABLE prices (price int); CREATE VIEW priced AS SELECT code, price FROM goods NATURAL JOIN prices");
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection other = await db.OpenAsync();
        await using NpgsqlTransaction open = await other.BeginTransactionAsync();
        await using NpgsqlCommand hold = new("LOCK TABLE prices IN ACCESS EXCLUSIVE MODE", other);
        await hold.ExecuteNonQueryAsync();
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(2) };

        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.LockNotObtained>().Blockers.ShouldContain(blocker => blocker.Relation == "\"public\".\"prices\"" && blocker.Pid == other.ProcessID);

        await open.RollbackAsync();
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_view_that_stands_in_for_a_renamed_table_is_left_to_the_rename(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods);
        (await db.ApplyAsync("operations:\n  - rename_table: { table: goods, to: wares }")).ShouldWaitAtGate();

        Outcomes.Words(await db.ApplyAsync(Widen.Replace("goods", "wares", StringComparison.Ordinal), change: "0002_test")).ShouldContain("the change 0001_test is not finished, and is about the same: view public.goods");

        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.MigrateAsync(Widen.Replace("goods", "wares", StringComparison.Ordinal), "0003_test");
    }

    /// <summary>The type has changed; what is left is to prove a CHECK that rows break, or that somebody has dropped since.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_CHECK_that_is_gone_before_it_is_proven_again_keeps_nobody(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "CREATE FUNCTION fits(text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT true$$; ALTER TABLE goods ADD CONSTRAINT fitting CHECK (fits(code))");
        (await db.ApplyAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }")).ShouldWaitAtGate();
        await db.ExecuteAsync("CREATE OR REPLACE FUNCTION fits(text) RETURNS bool LANGUAGE sql IMMUTABLE AS $$SELECT $1 <> 'c5'$$");

        RunOutcome.Failed failed = (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>();
        failed.CanGoBack.ShouldBeFalse();
        failed.Message.ShouldContain("prove CHECK fitting again");
        await db.ExecuteAsync("ALTER TABLE goods DROP CONSTRAINT fitting");

        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<string>("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'goods'::regclass AND attname = 'code'")).ShouldBe("character varying(30)");
    }

    /// <summary>The plan is one role's, and another may go on with it, with default privileges of its own.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Owner_and_rights_stay_whoever_completes(int major)
    {
        await using TestDatabase admin = await Postgres.DatabaseAsync(major);
        string clerk = $"clerk_{admin.Name}";
        await admin.ExecuteAsync($"CREATE ROLE {clerk} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {clerk}; GRANT CREATE ON SCHEMA public TO {clerk}; {Goods + Cheap} GRANT SELECT ON cheap TO pg_monitor; ALTER TABLE goods OWNER TO {clerk}; ALTER VIEW cheap OWNER TO {clerk}");
        await using TestDatabase db = new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, clerk)) { Planning = admin.Planning, Options = admin.Options };
        try
        {
            string rights = await admin.ScalarAsync<string>(Rights);
            (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
            await admin.ExecuteAsync("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC");
            (await admin.CompleteAsync()).ShouldBeCompleted();

            (await admin.ScalarAsync<string>(Rights)).ShouldBe(rights);
        }
        finally
        {
            await admin.ExecuteAsync($"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC; REASSIGN OWNED BY {clerk} TO postgres; DROP OWNED BY {clerk}; DROP ROLE {clerk}");
            await db.DisposeAsync();
        }
    }

    private const string Rights = "SELECT concat(relowner::regrole, relacl::text) FROM pg_class WHERE relname = 'cheap'";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_trigger_that_is_off_on_a_partition_is_not_switched_on(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE goods (id int, code varchar(20)) PARTITION BY RANGE (id); CREATE TABLE goods_1 PARTITION OF goods DEFAULT;
            CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER told BEFORE UPDATE OF code ON goods FOR EACH ROW EXECUTE FUNCTION noted(); ALTER TABLE goods_1 DISABLE TRIGGER told;
            """);

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("the type of code is known to trigger told on table public.goods, which fires otherwise, or has a comment, on one of the partitions:");
    }

    [Theory, MemberData(nameof(NotCarried))]
    public async Task What_cannot_come_again_is_refused_by_its_name(string setup, string words)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(17);
        await db.ExecuteAsync(Goods + setup);

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain(words);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_plan_shows_what_comes_again_and_what_else_changes_its_type(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap + "CREATE VIEW counted AS SELECT count(code) FROM cheap");

        Plan plan = await db.PlannedAsync(Widen);

        DdlStep contract = plan.Steps().OfType<DdlStep>().Single();
        contract.Title.ShouldBe("make code text, with view public.cheap, view public.counted made again on it");
        contract.Statements.Take(2).ShouldBe(["DROP VIEW \"public\".\"counted\"", "DROP VIEW \"public\".\"cheap\""]);
        contract.Impact.Locks.Select(held => $"{held.Mode} on {held.Relation}").ShouldBe(["ACCESS EXCLUSIVE on \"public\".\"goods\"", "ACCESS EXCLUSIVE on \"public\".\"counted\"", "ACCESS EXCLUSIVE on \"public\".\"cheap\""]);
        plan.Hazards.Single(hazard => hazard.Code == "made-again").Message.ShouldEndWith("Its column public.cheap.code changes the type too.");
        plan.Steps().OfType<GateStep>().Single().WaitsFor.ShouldEndWith("sessions with prepared statements that return public.cheap.code to be ready to prepare them again as well");
    }

    public static TheoryData<string> Since { get; } = new()
    {
        "CREATE OR REPLACE VIEW cheap AS SELECT id, code FROM goods WHERE price < 5",
        "CREATE VIEW more AS SELECT code FROM goods",
        "CREATE VIEW above AS SELECT id FROM cheap",
        "GRANT SELECT ON cheap TO PUBLIC",
        "COMMENT ON COLUMN cheap.code IS 'c'",
        "ALTER VIEW cheap ALTER code SET DEFAULT 'x'",
        "CREATE TRIGGER instead INSTEAD OF INSERT ON cheap FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE nothing AS ON DELETE TO cheap DO INSTEAD NOTHING",
        "ALTER VIEW cheap SET (security_barrier = true)",
        "ALTER SEQUENCE counter RENAME TO counter_9; CREATE SEQUENCE counter",
        "CREATE TABLE swapped (LIKE prices); ALTER TABLE prices RENAME TO old_prices; ALTER TABLE swapped RENAME TO prices",
        "CREATE FUNCTION asks() RETURNS SETOF cheap LANGUAGE sql AS 'SELECT * FROM cheap'",
    };

    /// <summary>It would come again as it was planned, and what somebody made of it since would be lost.</summary>
    [Theory, MemberData(nameof(Since))]
    public async Task What_was_altered_since_the_plan_stops_the_change(string since)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods + Cheap + "CREATE TABLE prices (price int); CREATE VIEW priced AS SELECT code, price FROM goods NATURAL JOIN prices; CREATE SEQUENCE counter; ALTER VIEW priced ALTER price SET DEFAULT nextval('counter')");
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await db.ExecuteAsync(since);
        IReadOnlyList<string> before = await DescribedAsync(db);

        Outcomes.Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>()).ShouldStartWith("\"make code text, with view public.cheap, view public.priced made again on it\" cannot be done: a view, trigger, policy, CHECK or the like that knows the type of goods's code was made, altered or dropped since the change was planned");

        (await DescribedAsync(db)).ShouldBe(before);
        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    [Fact]
    public async Task What_was_dropped_since_the_plan_stays_dropped()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await db.ExecuteAsync("DROP VIEW cheap");

        Outcomes.Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain("the schema is not what was planned for any more. Gone or altered: column public.cheap.code");

        (await db.RollbackAsync()).ShouldBeRolledBack();
        await db.MigrateAsync(Widen, "0002_test");
    }

    /// <summary>Whoever is waited for may be the one who alters it: the question is asked again under the lock.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task What_is_altered_by_the_one_who_is_waited_for_is_seen(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection other = await db.OpenAsync();
        await using NpgsqlTransaction open = await other.BeginTransactionAsync();
        await using NpgsqlCommand alter = new("ALTER VIEW cheap OWNER TO pg_monitor", other);
        await alter.ExecuteNonQueryAsync();
        Task<RunOutcome> completing = db.CompleteAsync();
        await Eventually.TrueAsync("it waits for the view", () => Task.FromResult(db.EventsOf<RunEvent.Blocked>().Count > 0));
        await open.CommitAsync();

        Outcomes.Words((await completing).ShouldBeOfType<RunOutcome.Failed>()).ShouldContain("that knows the type of goods's code was made, altered or dropped since");
        (await db.ScalarAsync<string>("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'cheap'")).ShouldBe("pg_monitor");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task What_is_altered_while_the_lock_is_waited_for_is_seen(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap);
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection reader = await db.OpenAsync();
        await using NpgsqlTransaction open = await reader.BeginTransactionAsync();
        await using NpgsqlCommand read = new("SELECT count(*) FROM goods", reader);
        await read.ExecuteScalarAsync();
        Task<RunOutcome> completing = db.CompleteAsync();
        await Eventually.TrueAsync("it waits for the table", () => Task.FromResult(db.EventsOf<RunEvent.Blocked>().Count > 0));
        await db.ExecuteAsync("CREATE OR REPLACE VIEW cheap AS SELECT id, code FROM goods WHERE price < 5");
        await open.CommitAsync();

        Outcomes.Words((await completing).ShouldBeOfType<RunOutcome.Failed>()).ShouldContain("that knows the type of goods's code was made, altered or dropped since");
        (await db.ScalarAsync<long>("SELECT count(*) FROM cheap")).ShouldBe(4);
    }

    [Theory, PostgresVersions(14, 15, 16, 18)]
    public async Task Members_of_the_owning_group_make_a_view_again_that_stays_the_groups(int major)
    {
        await using TestDatabase admin = await Postgres.DatabaseAsync(major);
        (string clerk, string office) = ($"clerk_{admin.Name}", $"office_{admin.Name}");
        await admin.ExecuteAsync(
            $"""
            CREATE ROLE {office}; CREATE ROLE {clerk} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {clerk}; GRANT CREATE ON SCHEMA public TO {clerk};
            {Goods + Cheap}
            ALTER TABLE goods OWNER TO {clerk}; ALTER VIEW cheap OWNER TO {office}; GRANT SELECT ON goods TO {office}; GRANT SELECT ON cheap TO pg_monitor;
            ALTER DEFAULT PRIVILEGES FOR ROLE {clerk} GRANT ALL ON TABLES TO PUBLIC;
            """);
        await using TestDatabase db = new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, clerk)) { Planning = admin.Planning, Options = admin.Options };
        try
        {
            (await WordsAsync()).ShouldBe($"alter_column goods.code: view public.cheap knows the type and belongs to {office}: our role may not drop it and make it again. `GRANT \"{office}\" TO \"{clerk}\"`, or connect as a role that owns both.");
            await admin.ExecuteAsync($"REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT {office} TO {clerk}");
            (await WordsAsync()).ShouldBe($"alter_column goods.code: view public.cheap would belong to {office}, who may not create in schema public. `GRANT CREATE ON SCHEMA \"public\" TO \"{office}\"`.");
            await admin.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {office}");
            string[] before = [.. (await DescribedAsync(admin)).Where(line => line.Contains("cheap", StringComparison.Ordinal))];

            await db.MigrateAsync(Widen);

            (await DescribedAsync(admin)).Where(line => line.Contains("cheap", StringComparison.Ordinal)).ShouldBe(before.Select(line => line.Replace("code character varying(20)", "code text", StringComparison.Ordinal)));
        }
        finally
        {
            await admin.ExecuteAsync($"REASSIGN OWNED BY {clerk}, {office} TO postgres; DROP OWNED BY {clerk}, {office}; DROP ROLE {clerk}; DROP ROLE {office}");
            await db.DisposeAsync();
        }

        async Task<string> WordsAsync() => Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>());
    }

    private static async Task<IReadOnlyList<string>> DescribedAsync(TestDatabase db)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        return await CatalogDescription.OfAsync(connection);
    }
}
