using Npgsql;
using Segue.Availability.Support;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// A column gets another name while an app that knows the old one, and then one that knows the new one, read and write
/// it: no statement fails, none waits long, and each finds what the other wrote.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class RenamedColumnTests(ITestOutputHelper output)
{
    private const int Rows = 20_000;
    private const string Rename = "operations:\n  - rename_column: { table: visits, name: note, to: remark }";

    [Theory, PostgresVersions(14, 18)]
    public async Task Renaming_a_column_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            $"""
            CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL DEFAULT 'none',
                n int NOT NULL DEFAULT 0);
            INSERT INTO visits (note) SELECT 'note ' || n FROM generate_series(1, {Rows}) n;
            CREATE INDEX by_note ON visits (note);
            """
        );
        await db.ExecuteAsync("VACUUM ANALYZE visits");
        await using TrafficRun traffic = await TrafficRun.StartAsync([
            App("old", db.ConnectionString, "note"),
            Bystanders.Control(db.ConnectionString),
        ]);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted stage)
            {
                traffic.Mark(stage.Stage);
            }
        };

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        await traffic.AddAsync(App("new", db.ConnectionString, "remark"));
        await Until.TrueAsync(() => traffic.Summary("new").Requests > 300, "both apps are at work");
        (await db.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM visits WHERE note <> remark)")).ShouldBeTrue();
        await traffic.RemoveAsync("old");
        (await db.CompleteAsync()).ShouldBeCompleted();
        long before = traffic.Summary("new").Requests;
        await Until.TrueAsync(() => traffic.Summary("new").Requests > before + 100, "the new app works on");

        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        TimeSpan control = traffic.Summary(Bystanders.ControlName).Max;
        foreach (string app in (string[])["old", "new"])
        {
            TrafficSummary summary = traffic.Summary(app);
            output.WriteLine(
                $"{app}: {summary.Requests} requests, p99 {summary.P99.TotalMilliseconds:0} ms, longest "
                    + $"{summary.Max.TotalMilliseconds:0} ms (control: {control.TotalMilliseconds:0})"
            );
            summary.Max.ShouldBeLessThan(Bystanders.LongestStall + control);
        }

        // Each app counts what it wrote in the text.
        (await db.ScalarAsync<bool>("SELECT bool_and(n = 0 OR remark = 'written ' || n) FROM visits")).ShouldBeTrue();
    }

    private static TrafficApp App(string name, string connectionString, string column) =>
        new(
            name,
            connectionString,
            [
                Client("read", 60, id => $"SELECT id, {column} FROM visits WHERE id = {id}"),
                Client("search", 20, id => $"SELECT id FROM visits WHERE {column} = 'note {id}'"),
                Client(
                    "update",
                    40,
                    id => $"UPDATE visits SET n = n + 1, {column} = 'written ' || n + 1 WHERE id = {id}"
                ),
                Client("insert", 20, _ => $"INSERT INTO visits ({column}) VALUES ('by {name}') RETURNING id, {column}"),
                Client("default", 10, _ => $"INSERT INTO visits (n) VALUES (0) RETURNING {column}"),
            ]
        );

    private static TrafficClient Client(string name, int rate, Func<int, string> sql) =>
        new(
            name,
            rate,
            async (connection, random, cancel) =>
            {
                await using NpgsqlCommand command = new(sql(1 + random.Next(Rows)), connection);
                await command.ExecuteNonQueryAsync(cancel);
            }
        );
}
