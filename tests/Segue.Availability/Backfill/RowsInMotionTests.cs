using Npgsql;
using Segue.Availability.Support;
using Segue.Execution;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>
/// A backfill of its own has no trigger: rows that an app goes on writing in the old form do not keep it from its end.
/// </summary>
public class RowsInMotionTests
{
    private const string Upper = "operations:\n  - backfill: { table: orders, set: { region: upper(region) } }";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_backfill_beside_an_app_that_writes_the_old_form_ends_and_reports_remaining_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text); INSERT "
                + "INTO orders (region) SELECT 'eu' FROM generate_series(1, 100000)"
        );
        using CancellationTokenSource stop = new();
        Task app = WriteAsync(db, stop.Token);

        RunOutcome outcome = await db.ApplyAsync(Upper);
        await stop.CancelAsync();
        await app;

        outcome.ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE id <= 100000 AND region <> 'EU'")).ShouldBe(0);
        db.EventsOf<RunEvent.Note>()
            .ShouldContain(note => note.Message.Contains("rows after they were checked; they were left as they are"));
        await db.MigrateAsync(Upper, "0002_test");
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE region <> 'EU'")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_trigger_that_reverts_a_fill_is_not_taken_for_an_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text);
            INSERT INTO orders (region) SELECT 'eu' FROM generate_series(1, 3000);
            CREATE FUNCTION lower_again() RETURNS trigger
                LANGUAGE plpgsql AS 'BEGIN NEW.region := lower(NEW.region); RETURN NEW; END';
            CREATE TRIGGER lower_again BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.id IN (5, 2999))
                EXECUTE FUNCTION lower_again();
            """
        );

        (await db.ApplyAsync(Upper))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("or a trigger undid the repair");
    }

    private static async Task WriteAsync(TestDatabase db, CancellationToken stop)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        while (!stop.IsCancellationRequested)
        {
            await using NpgsqlCommand insert = new("INSERT INTO orders (region) VALUES ('eu')", connection);
            await insert.ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Delay(2, CancellationToken.None);
        }
    }
}
