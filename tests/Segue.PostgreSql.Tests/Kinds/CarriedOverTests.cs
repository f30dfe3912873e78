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
        { "CREATE SCHEMA other; CREATE VIEW cheap AS SELECT code FROM goods; CREATE VIEW other.cheap AS SELECT code FROM goods", "type: two of what knows the type are named cheap, in different schemas" },
        { "CREATE FUNCTION pick(varchar) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE FUNCTION pick(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE VIEW numbers AS SELECT pick(code) + 1 AS n FROM goods", "type: operator does not exist: text + integer" },
    };

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
        plan.Steps().OfType<GateStep>().Single().WaitsFor.ShouldEndWith("the same for prepared statements that return public.cheap.code");
    }

    public static TheoryData<string> Since { get; } = new()
    {
        "CREATE OR REPLACE VIEW cheap AS SELECT id, code FROM goods WHERE price < 5",
        "CREATE VIEW more AS SELECT code FROM goods",
        "CREATE VIEW above AS SELECT id FROM cheap",
        "GRANT SELECT ON cheap TO PUBLIC",
        "COMMENT ON COLUMN cheap.code IS 'c'",
        "CREATE TABLE swapped (LIKE prices); ALTER TABLE prices RENAME TO old_prices; ALTER TABLE swapped RENAME TO prices",
        "CREATE FUNCTION asks() RETURNS SETOF cheap LANGUAGE sql AS 'SELECT * FROM cheap'",
    };

    /// <summary>It would come again as it was planned, and what somebody made of it since would be lost.</summary>
    [Theory, MemberData(nameof(Since))]
    public async Task What_was_altered_since_the_plan_stops_the_change(string since)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods + Cheap + "CREATE TABLE prices (price int); CREATE VIEW priced AS SELECT code, price FROM goods NATURAL JOIN prices");
        (await db.ApplyAsync(Widen)).ShouldWaitAtGate();
        await db.ExecuteAsync(since);
        IReadOnlyList<string> before = await DescribedAsync(db);

        Outcomes.Words((await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>()).ShouldContain("that knows the type of goods's code was made, altered or dropped since the change was planned");

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
