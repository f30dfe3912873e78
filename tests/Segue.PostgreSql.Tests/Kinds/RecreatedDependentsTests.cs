using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;
using static Segue.PostgreSql.Tests.Kinds.GoodsTable;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What knows a column's type by its own definition comes again as it was: never CASCADE.</summary>
[Trait("kind", "alter_column")]
public class RecreatedDependentsTests
{
    /// <summary>
    /// The new type is looked for as every type of a change is; what is made again by names that have their schema.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_of_another_schema_of_the_search_path_is_found(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + $"{Cheap} CREATE SCHEMA extensions; CREATE DOMAIN extensions.longer AS varchar(30); ALTER "
                + $"DATABASE {db.Name} SET search_path = public, extensions"
        );
        db.Reconnect();

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: longer }");

        (
            await db.ScalarAsync<string>(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                    + "'cheap'::regclass AND attname = 'code'"
            )
        ).ShouldEndWith("longer");
    }

    /// <summary>Only what the change gives another type is looked at.</summary>
    [Fact]
    public async Task Dependents_of_a_column_whose_type_stays_are_not_recreated()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(15);
        await db.ExecuteAsync(Goods + "CREATE MATERIALIZED VIEW prices AS SELECT price FROM goods");

        await db.MigrateAsync(
            $"{Widen}\n  - alter_column: {{ table: goods, name: price, type: int, comment: in cents }}"
        );
    }

    /// <summary>
    /// Printed without a schema a name is pg_catalog's, also when an operator or function of the app's schema that fits
    /// better has come since.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_recreated_name_keeps_its_meaning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + "CREATE VIEW named AS SELECT id, concat(code, '!'::text) AS name FROM goods WHERE code ~~ 'c1'::text"
        );
        await db.ExecuteAsync(
            "CREATE FUNCTION concat(varchar, text) RETURNS text LANGUAGE sql AS $$SELECT 'other'$$; CREATE "
                + "FUNCTION never(text, text) RETURNS bool LANGUAGE sql AS $$SELECT false$$; CREATE FUNCTION "
                + "never(varchar, text) RETURNS bool LANGUAGE sql AS $$SELECT false$$; CREATE OPERATOR ~~ "
                + "(LEFTARG = varchar, RIGHTARG = text, FUNCTION = never); CREATE OPERATOR ~~ (LEFTARG = text, "
                + "RIGHTARG = text, FUNCTION = never)"
        );

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }");

        (await db.ColumnAsync("SELECT id || name FROM named")).ShouldBe(["1c1!"]);
    }

    /// <summary>
    /// The owner of a view that reads another table may read no more of it than the columns it names; nobody needs more
    /// than that.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_view_whose_owner_may_read_some_columns_of_another_table_is_recreated(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + """
                CREATE TABLE prices (price int, secret text); CREATE VIEW inner_one AS SELECT price FROM prices;
                ALTER VIEW inner_one OWNER TO pg_monitor; GRANT SELECT (price) ON prices TO pg_monitor;
                GRANT SELECT ON goods TO pg_monitor;
                CREATE VIEW priced AS SELECT code, price FROM goods JOIN inner_one USING (price);
                ALTER VIEW priced OWNER TO pg_monitor;
                """
        );

        await db.MigrateAsync(Widen);

        (
            await db.ScalarAsync<string>("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'priced'")
        ).ShouldBe("pg_monitor");
    }

    /// <summary>
    /// An audit that names its table without a schema counts on the path of whoever alters the schema.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_event_trigger_resolves_names_in_its_search_path(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + Cheap
                + """
                CREATE TABLE ddl_log (what text); CREATE FUNCTION log_ddl() RETURNS event_trigger
                    LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ddl_log SELECT command_tag || ' ' || object_identity
                    FROM pg_event_trigger_ddl_commands(); END $$;
                CREATE EVENT TRIGGER logs ON ddl_command_end EXECUTE FUNCTION log_ddl();
                """
        );

        await db.MigrateAsync(Widen);

        (await db.ColumnAsync("SELECT what FROM ddl_log WHERE what LIKE 'CREATE VIEW public%'")).ShouldBe([
            "CREATE VIEW public.cheap",
        ]);
    }

    /// <summary>Both sides are locked for the moment, and the plan says so.</summary>
    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_column_that_a_foreign_key_compares_gets_a_wider_type_on_either_side(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + "ALTER TABLE goods ADD UNIQUE (code); CREATE TABLE sales (id int, code varchar(20) "
                + "REFERENCES goods (code) ON UPDATE CASCADE); INSERT INTO sales SELECT id, code FROM goods; "
                + "CREATE VIEW sold AS SELECT goods.price FROM sales JOIN goods USING (code)"
        );

        Plan plan = await db.PlannedAsync(Widen);
        plan.Steps()
            .OfType<DdlStep>()
            .Single()
            .Impact.Locks.ShouldContain(held =>
                held.Relation == "\"public\".\"sales\"" && held.Mode == "ACCESS EXCLUSIVE"
            );
        await db.MigrateAsync(Widen);
        await db.MigrateAsync(
            "operations:\n  - alter_column: { table: sales, name: code, type: varchar(40) }",
            "0002_test"
        );

        (await db.ScalarAsync<long>("SELECT count(*) FROM sold")).ShouldBe(100);
        (
            await db.ScalarAsync<bool>("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'")
        ).ShouldBeTrue();
    }

    /// <summary>What the server prints in another form once it is made from its own print.</summary>
    [Theory, PostgresVersions]
    public async Task A_recreated_dependent_that_prints_differently_counts_as_equal(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + """
                CREATE VIEW few_goods AS SELECT id, code, CASE WHEN code IN ('c7', 'c8') THEN 'last' END AS which
                    FROM goods WHERE code IN ('c1', 'c2', 'c7') AND price BETWEEN 1 AND 50 AND id > 0
                    OR code NOT IN ('x', 'y') AND id = 9;
                CREATE POLICY few ON goods USING (code IN ('c1', 'c2'));
                ALTER TABLE goods ADD CHECK (code IN ('c1', 'c2') OR price BETWEEN 1 AND 100 AND id > 0);
                CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER told BEFORE UPDATE ON goods FOR EACH ROW WHEN (NEW.code IN ('c1', 'c2'))
                    EXECUTE FUNCTION noted();
                """
        );
        IReadOnlyList<string> before = await db.ColumnAsync(
            "SELECT concat_ws(' ', id, code, which) FROM few_goods ORDER BY id"
        );

        await db.MigrateAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }");
        await db.MigrateAsync(Widen, "0002_test");

        before.ShouldBe(["1 c1", "2 c2", "7 c7 last", "9 c9"]);
        (await db.ColumnAsync("SELECT concat_ws(' ', id, code, which) FROM few_goods ORDER BY id")).ShouldBe(before);
        (await db.ColumnAsync("SELECT conname FROM pg_constraint WHERE NOT convalidated")).ShouldBeEmpty();
    }

    /// <summary>
    /// Whoever holds what a view reads beside the table is waited for before anything is locked that apps use, and
    /// named.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Other_tables_of_a_view_are_locked_first(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + "CREATE TABLE prices (price int); CREATE VIEW priced AS SELECT code, price FROM goods "
                + "NATURAL JOIN prices"
        );
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await using NpgsqlConnection other = await db.OpenAsync();
        await using NpgsqlTransaction open = await other.BeginTransactionAsync();
        await using NpgsqlCommand hold = new("LOCK TABLE prices IN ACCESS EXCLUSIVE MODE", other);
        await hold.ExecuteNonQueryAsync();
        db.Options = db.Options with { LockWait = TimeSpan.FromSeconds(2) };

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.LockNotObtained>()
            .Blockers.ShouldContain(blocker =>
                blocker.Relation == "\"public\".\"prices\"" && blocker.Session == $"pid {other.ProcessID}"
            );

        await open.RollbackAsync();
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    /// <summary>The plan is one role's, and another may go on with it, with default privileges of its own.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Owner_and_rights_do_not_depend_on_who_completes(int major)
    {
        await using TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        string clerk = $"clerk_{admin.Name}";
        await admin.ExecuteAsync(
            $"CREATE ROLE {clerk} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {clerk}; GRANT CREATE ON "
                + $"SCHEMA public TO {clerk}; {Goods + Cheap} GRANT SELECT ON cheap TO pg_monitor; ALTER TABLE "
                + $"goods OWNER TO {clerk}; ALTER VIEW cheap OWNER TO {clerk}"
        );
        await using TestDatabase db = new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, clerk))
        {
            Planning = admin.Planning,
            Options = admin.Options,
        };
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
            await admin.ExecuteAsync(
                $"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC; REASSIGN OWNED BY {clerk} TO "
                    + $"postgres; DROP OWNED BY {clerk}; DROP ROLE {clerk}"
            );
            await db.DisposeAsync();
        }
    }

    private const string Rights =
        "SELECT concat(relowner::regrole, relacl::text) FROM pg_class WHERE relname = 'cheap'";

    [Theory, PostgresVersions(14, 18)]
    public async Task The_plan_shows_recreated_dependents_and_other_columns_whose_type_changes(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + Cheap + "CREATE VIEW counted AS SELECT count(code) FROM cheap");

        Plan plan = await db.PlannedAsync(Widen);

        DdlStep contract = plan.Steps().OfType<DdlStep>().Single();
        contract.Title.ShouldBe("change the type of code to text, and recreate view public.cheap, view public.counted");
        contract.Statements.Take(2).ShouldBe(["DROP VIEW \"public\".\"counted\"", "DROP VIEW \"public\".\"cheap\""]);
        contract
            .Impact.Locks.Select(held => $"{held.Mode} on {held.Relation}")
            .ShouldBe([
                "ACCESS EXCLUSIVE on \"public\".\"goods\"",
                "ACCESS EXCLUSIVE on \"public\".\"counted\"",
                "ACCESS EXCLUSIVE on \"public\".\"cheap\"",
            ]);
        plan.Hazards.Single(hazard => hazard.Code == "made-again")
            .Message.ShouldEndWith("Its column public.cheap.code changes the type too.");
        plan.Steps()
            .OfType<GateStep>()
            .Single()
            .WaitsFor.ShouldEndWith(
                "sessions with prepared statements that return public.cheap.code to be ready to prepare " + "them again"
            );
    }

    [Theory, PostgresVersions(14, 15, 16, 18)]
    public async Task A_member_of_the_owning_group_recreates_a_view_for_the_group(int major)
    {
        await using TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        await using OwningGroup group = new(admin);
        (string clerk, string office, TestDatabase db) = (group.Clerk, group.Office, group.Database);
        await admin.ExecuteAsync(
            $"""
            CREATE ROLE {office}; CREATE ROLE {clerk} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {clerk};
            GRANT CREATE ON SCHEMA public TO {clerk};
            {Goods + Cheap}
            ALTER TABLE goods OWNER TO {clerk}; ALTER VIEW cheap OWNER TO {office}; GRANT SELECT ON goods TO {office};
            GRANT SELECT ON cheap TO pg_monitor;
            ALTER DEFAULT PRIVILEGES FOR ROLE {clerk} GRANT ALL ON TABLES TO PUBLIC;
            """
        );

        (await WordsAsync()).ShouldBe(
            "alter_column goods.code: view public.cheap depends on the type and belongs to "
                + $"{office}: our role may not drop and recreate it. `GRANT \"{office}\" TO \"{clerk}\"`, "
                + "or connect as a role that owns both."
        );
        await admin.ExecuteAsync($"REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT {office} TO {clerk}");
        (await WordsAsync()).ShouldBe(
            $"alter_column goods.code: view public.cheap would belong to {office}, who may not "
                + $"create objects in schema public. `GRANT CREATE ON SCHEMA \"public\" TO \"{office}\"`."
        );
        await admin.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {office}");
        string[] before =
        [
            .. (await CatalogDescription.OfAsync(admin)).Where(line =>
                line.Contains("cheap", StringComparison.Ordinal)
            ),
        ];

        await db.MigrateAsync(Widen);

        (await CatalogDescription.OfAsync(admin))
            .Where(line => line.Contains("cheap", StringComparison.Ordinal))
            .ShouldBe(
                before.Select(line => line.Replace("code character varying(20)", "code text", StringComparison.Ordinal))
            );

        async Task<string> WordsAsync() =>
            Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>());
    }
}
