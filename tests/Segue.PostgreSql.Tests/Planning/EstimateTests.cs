using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Planning;

public class EstimateTests
{
    private const string Rows = "SELECT n, repeat('x', 24) FROM generate_series(1, 50000) n";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_that_was_never_analysed_is_estimated_from_its_pages(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            $"CREATE TABLE notes (id int, note text) WITH (autovacuum_enabled = off); INSERT INTO notes {Rows}"
        );
        string change = Cases.Adds("table: notes, name: x, type: int, backfill: id");
        BackfillStep before = Fill(await db.PlannedAsync(change));
        await db.ExecuteAsync("ANALYZE notes");

        Fill(await db.PlannedAsync(change)).Estimate!.Rows.ShouldBe(50_000);
        before.Estimate!.Rows.ShouldBeInRange(25_000, 100_000);
        before.Estimate.Seconds.ShouldBeGreaterThan(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Partitions_are_estimated_from_their_pages_too(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            $"""
            CREATE TABLE notes (id int, note text) PARTITION BY RANGE (id);
            CREATE TABLE notes_1 PARTITION OF notes FOR VALUES FROM (0) TO (25001) WITH (autovacuum_enabled = off);
            CREATE TABLE notes_2 PARTITION OF notes FOR VALUES FROM (25001) TO (90000) WITH (autovacuum_enabled = off);
            CREATE TABLE notes_3 PARTITION OF notes DEFAULT;
            INSERT INTO notes {Rows};
            """
        );

        Fill(await db.PlannedAsync(Cases.Adds("table: notes, name: x, type: int, backfill: id")))
            .Estimate!.Rows.ShouldBeInRange(25_000, 100_000);
    }

    private static BackfillStep Fill(Plan plan) => plan.Steps().OfType<BackfillStep>().First();
}
