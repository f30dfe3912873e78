using Npgsql;
using Segue.Availability.Support;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>Columns go while apps that use them work beside apps that do not know them.</summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class DroppedColumnTests(ITestOutputHelper output)
{
    private const int Rows = 20_000;

    private const string Drop = """
        operations:
          - drop_column: { table: visits, name: kind, down: "'of ' || note" }
          - drop_column: { table: visits, name: place }
        """;

    [Theory, PostgresVersions(14, 18)]
    public async Task Dropping_columns_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            $"""
            CREATE TABLE places (id int PRIMARY KEY); INSERT INTO places SELECT generate_series(1, 10);
            CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL,
                kind text NOT NULL, place int REFERENCES places);
            INSERT INTO visits (note, kind, place) SELECT n, 'k', 1 + n % 10 FROM generate_series(1, {Rows}) n;
            CREATE INDEX ON visits (place);
            """
        );
        await db.ExecuteAsync("VACUUM ANALYZE visits");
        TrafficRun traffic = await TrafficRun.StartAsync([OldApp(db), Bystanders.Control(db.ConnectionString)]);
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await WorkAsync(traffic, "old");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await traffic.AddAsync(NewApp(db));
        await WorkAsync(traffic, "old");
        await WorkAsync(traffic, "new");
        await traffic.RemoveAsync("old");
        (await db.CompleteAsync()).ShouldBeCompleted();
        await WorkAsync(traffic, "new");
        (await db.PurgeAsync(now: true)).ShouldBeOfType<Execution.RunOutcome.Purged>();
        await WorkAsync(traffic, "new");

        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        TrafficSummary old = traffic.Summary("old");
        TrafficSummary @new = traffic.Summary("new");
        TimeSpan control = traffic.Summary(Bystanders.ControlName).Max;
        old.Max.ShouldBeLessThan(Bystanders.LongestStall + control);
        @new.Max.ShouldBeLessThan(Bystanders.LongestStall + control);
        output.WriteLine(
            $"old: {old.Requests} requests, longest {old.Max.TotalMilliseconds:0} ms; new: {@new.Requests}, longest "
                + $"{@new.Max.TotalMilliseconds:0} ms; of one that touches no table {control.TotalMilliseconds:0} ms"
        );
    }

    private static Task WorkAsync(TrafficRun traffic, string app)
    {
        long before = traffic.Summary(app).Requests;
        return Until.TrueAsync(() => traffic.Summary(app).Requests > before + 50, $"the {app} app works");
    }

    /// <summary>Every row that it reads has values in the columns, whoever wrote it.</summary>
    private static TrafficApp OldApp(TestDatabase db) =>
        new(
            "old",
            db.ConnectionString,
            [
                Client("read", "SELECT 1 / (kind IS NOT NULL)::int FROM visits ORDER BY id DESC LIMIT 1"),
                Client("insert", "INSERT INTO visits (note, kind, place) VALUES ('x', 'k', 3)"),
                Client("update", $"UPDATE visits SET kind = 'l', place = 4 WHERE id = 1 + (random() * {Rows})::int"),
            ]
        );

    private static TrafficApp NewApp(TestDatabase db) =>
        new(
            "new",
            db.ConnectionString,
            [
                Client("read", $"SELECT id, note FROM visits WHERE id = 1 + (random() * {Rows})::int"),
                Client("insert", "INSERT INTO visits (note) VALUES ('y')"),
                Client("update", $"UPDATE visits SET note = 'z' WHERE id = 1 + (random() * {Rows})::int"),
            ]
        );

    private static TrafficClient Client(string name, string sql) =>
        new(
            name,
            40,
            async (connection, _, cancel) =>
            {
                await using NpgsqlCommand command = new(sql, connection);
                await command.ExecuteNonQueryAsync(cancel);
            }
        );
}
