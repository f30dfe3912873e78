using Segue.Availability.Support;
using Segue.Execution;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Traffic;

/// <summary>A row that comes between a look and the constraint that was to keep such rows out.</summary>
public class StrayRowsTests
{
    private const string Attach =
        "operations:\n  - attach_partition: { table: events, partition: fresh, values: \"FROM (100) TO (200)\" }";

    /// <summary>
    /// Segue's own CHECK of the default partition rejects rows that the app may write: it stands no longer than it
    /// must.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_default_partition_accepts_rows_again_after_a_failed_proof(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE events (id int, kind int) PARTITION BY RANGE (kind);
            CREATE TABLE rest PARTITION OF events DEFAULT; INSERT INTO events SELECT n, n % 10
                FROM generate_series(1, 1000) n;
            CREATE TABLE fresh (id int, kind int); INSERT INTO fresh SELECT n, 100 + n % 10
                FROM generate_series(1, 1000) n;
            """
        );
        await using Session stray = await Session.InTransactionAsync(
            db.ConnectionString,
            "app",
            "INSERT INTO events VALUES (1, 150)"
        );
        Task<RunOutcome> run = db.ApplyAsync(Attach);
        await Until.TrueAsync(
            async () =>
                db.EventsOf<RunEvent.Blocked>().Any()
                || await db.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"),
            "the CHECK waits for the app's transaction",
            run
        );
        await stray.ExecuteAsync("COMMIT");

        (await run).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("is violated by some row");

        await db.ExecuteAsync("INSERT INTO events VALUES (2, 151)");
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'segue%' AND NOT convalidated"
            )
        ).ShouldBe(0);
        await db.ExecuteAsync(
            "WITH moved AS (DELETE FROM rest WHERE kind >= 100 RETURNING *) INSERT INTO fresh SELECT * FROM moved"
        );
        (await db.ApplyAsync(Attach)).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM events")).ShouldBe(2002);
    }
}
