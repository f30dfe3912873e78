using Segue.Engines;
using Segue.Lab.Servers;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Inspection;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Planning;

/// <summary>
/// Statements that no tool can keep from breaking are found before the change, by plan and by doctor.
/// </summary>
public class StarStatementsTests
{
    private const string Change = "operations:\n  - add_column: { table: orders, name: currency, type: char(3) }";

    [Theory, PostgresVersions(14, 18)]
    public async Task Plan_and_doctor_find_star_statements_and_offer_a_view(int major)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string>
                {
                    ["shared_preload_libraries"] = "pg_stat_statements",
                    ["fsync"] = "off",
                },
            }
        );
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE EXTENSION pg_stat_statements; CREATE TABLE orders_archive (id bigint); CREATE "
                + "SCHEMA other; CREATE TABLE other.orders (id bigint);"
        );
        (await FoundAsync(db))
            .ShouldHaveSingleItem()
            .ShouldBe(
                new Diagnosis(
                    "statements",
                    Health.Good,
                    "No statement in pg_stat_statements would break on a new column (SELECT *, COPY without columns)."
                )
            );

        await db.ExecuteAsync("SELECT * FROM orders WHERE id = 1");
        await db.ExecuteAsync("SELECT count(*) FROM orders");
        await db.ExecuteAsync("SELECT * FROM orders_archive");
        await db.ExecuteAsync("SELECT * FROM other.orders");

        string hazard = (await db.PlannedAsync(Change))
            .Hazards.Single(found => found.Code == "star-statements")
            .Message;
        hazard.ShouldContain("Found in pg_stat_statements: SELECT * FROM orders WHERE id = $1. Name their columns");
        const string View =
            "`CREATE VIEW \"public\".\"orders_v\" AS SELECT \"id\", \"region\", \"amount\", \"note\" FROM "
            + "\"public\".\"orders\"`";
        hazard.ShouldContain(View);
        IReadOnlyList<Diagnosis> found = await FoundAsync(db);
        found
            .Select(diagnosis =>
                diagnosis.Message[..diagnosis.Message.IndexOf(" Name their columns", StringComparison.Ordinal)]
            )
            .ShouldBe([
                "A new column on other.orders would break: SELECT * FROM other.orders.",
                "A new column on public.orders would break: SELECT * FROM orders WHERE id = $1.",
                "A new column on public.orders_archive would break: SELECT * FROM orders_archive.",
            ]);
        found[1].Message.ShouldContain(View);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_missing_pg_stat_statements_is_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (await db.PlannedAsync(Change))
            .Hazards.Single(found => found.Code == "star-statements")
            .Message.ShouldContain("pg_stat_statements is not installed here");
        (await FoundAsync(db)).ShouldHaveSingleItem().Health.ShouldBe(Health.Limited);
    }

    private static async Task<IReadOnlyList<Diagnosis>> FoundAsync(TestDatabase db)
    {
        await using PostgresEngine engine = db.Engine();
        return
        [
            .. (await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None)).Where(diagnosis =>
                diagnosis.Topic == "statements"
            ),
        ];
    }
}
