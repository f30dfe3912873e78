using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Bench;

/// <summary>
/// What a row of old code costs while a change waits at its gate: without triggers, with the sync trigger, and with the
/// sync trigger that also counts such rows.
/// </summary>
internal static class WritesBench
{
    private const int Rows = 100_000;
    private const int Rounds = 5;

    private static readonly (string Name, string Prepare)[] Contestants =
    [
        ("no trigger", "ALTER TABLE orders DISABLE TRIGGER USER"),
        (
            "sync trigger",
            "ALTER TABLE orders ENABLE TRIGGER USER; DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM "
                + "pg_trigger WHERE tgrelid = 'orders'::regclass AND tgname LIKE '%\\_a\\_old%' LOOP "
                + "EXECUTE format('ALTER TABLE orders DISABLE TRIGGER %I', name); END LOOP; END $$"
        ),
        ("sync trigger that counts", "ALTER TABLE orders ENABLE TRIGGER USER"),
    ];

    private static readonly (string Name, string Statement)[] Writes =
    [
        (
            "INSERT of old code",
            "INSERT INTO orders (id, customer_id, region, amount, status, created_at) "
                + $"SELECT 10000000 + n, n % 1000, n % 17, 1, 'open', now() FROM generate_series(1, {Rows}) n"
        ),
        (
            "INSERT of new code",
            "INSERT INTO orders (id, customer_id, region, amount, status, created_at, currency) "
                + $"SELECT 10000000 + n, n % 1000, n % 17, 1, 'open', now(), 'EUR' FROM generate_series(1, {Rows}) n"
        ),
    ];

    public static async Task RunAsync(CancellationToken cancel)
    {
        await using Segue.Lab.Servers.PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("writes", cancel);
        await new SampleTable(connectionString).CreateAsync(Rows, cancel);
        await using SegueTarget target = SegueFill.Target(connectionString);
        PlannedChange shown = (await target.PlanAsync(SegueFill.Change, cancel)).OrThrow();
        RunOutcome outcome = await target.ApplyAsync(
            shown,
            new ApplyRequest { Until = StageName.Verify },
            cancel: cancel
        );
        if (outcome is not RunOutcome.StoppedAfter)
        {
            throw new InvalidOperationException(outcome.ToString());
        }

        await using NpgsqlConnection app = new(connectionString);
        await app.OpenAsync(cancel);
        Console.WriteLine($"PostgreSQL {server.Version}, {Rows:N0} rows a statement, median of {Rounds} rounds:");
        Console.WriteLine();
        Console.WriteLine("| write | " + string.Join(" | ", Contestants.Select(each => $"{each.Name}, us/row")) + " |");
        Console.WriteLine("| --- | " + string.Join(" | ", Contestants.Select(_ => "---")) + " |");
        foreach ((string name, string statement) in Writes)
        {
            List<double>[] took = [.. Contestants.Select(_ => new List<double>())];
            for (int round = 0; round < Rounds; round++)
            {
                foreach ((int n, (_, string prepare)) in Contestants.Index())
                {
                    await ExecuteAsync(app, prepare, cancel);
                    took[n].Add(await RowAsync(app, statement, cancel));
                }
            }

            IEnumerable<string> medians = took.Select(each => $"{each.Order().ElementAt(Rounds / 2):0.0}");
            Console.WriteLine($"| {name} | {string.Join(" | ", medians)} |");
        }
    }

    /// <summary>Microseconds a row. What was written is removed, so that every round meets the same table.</summary>
    private static async Task<double> RowAsync(NpgsqlConnection app, string statement, CancellationToken cancel)
    {
        long started = TimeProvider.System.GetTimestamp();
        await ExecuteAsync(app, statement, cancel);
        double took = TimeProvider.System.GetElapsedTime(started).TotalMicroseconds / Rows;
        await ExecuteAsync(app, "DELETE FROM orders WHERE id > 10000000", cancel);
        await ExecuteAsync(app, "VACUUM orders", cancel);
        return took;
    }

    private static async Task ExecuteAsync(NpgsqlConnection app, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, app) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
