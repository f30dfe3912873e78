using Npgsql;
using Segue.Changes;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Bench;

/// <summary>
/// What a row costs while a change waits at its gate: without triggers, with those that keep columns in sync, and with
/// those that also count rows of old code. For a new column, and for a renamed one.
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

    private static readonly Change Renaming = SegueFill.Of(
        new RenameColumn
        {
            Table = new TableName(null, "orders"),
            Name = "note",
            To = "remark",
        }
    );

    private static readonly (string Name, string Statement)[] OfNewColumn =
    [
        ("INSERT of old code", Insert("", "")),
        ("INSERT of new code", Insert(", currency", ", 'EUR'")),
    ];

    private static readonly (string Name, string Statement)[] OfRenamedColumn =
    [
        ("INSERT of old code", Insert(", note", ", 'a note'")),
        ("INSERT of new code", Insert(", remark", ", 'a note'")),
        ("INSERT that gives neither", Insert("", "")),
        ("UPDATE of the column, old code", $"UPDATE orders SET note = md5(random()::text) WHERE id <= {Rows}"),
        ("UPDATE of the column, new code", $"UPDATE orders SET remark = md5(random()::text) WHERE id <= {Rows}"),
        ("UPDATE of another column", $"UPDATE orders SET amount = amount + 1 WHERE id <= {Rows}"),
    ];

    private static string Insert(string columns, string values) =>
        $"INSERT INTO orders (id, customer_id, region, amount, status, created_at{columns}) "
        + $"SELECT 10000000 + n, n % 1000, n % 17, 1, 'open', now(){values} FROM generate_series(1, {Rows}) n";

    public static async Task RunAsync(CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        await RunAsync(server, "new_column", SegueFill.Change, OfNewColumn, cancel);
        await RunAsync(server, "renamed_column", Renaming, OfRenamedColumn, cancel);
    }

    private static async Task RunAsync(
        PostgresServer server,
        string name,
        Change change,
        (string Name, string Statement)[] writes,
        CancellationToken cancel
    )
    {
        string connectionString = await server.CreateDatabaseAsync(name, cancel);
        await new SampleTable(connectionString).CreateAsync(Rows, cancel);
        await using SegueTarget target = SegueFill.Target(connectionString);
        PlannedChange shown = (await target.PlanAsync(change, cancel)).OrThrow();
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
        Console.WriteLine(
            $"{name}, PostgreSQL {server.Version}, {Rows:N0} rows a statement, median of {Rounds} rounds:"
        );
        Console.WriteLine();
        Console.WriteLine("| write | " + string.Join(" | ", Contestants.Select(each => $"{each.Name}, us/row")) + " |");
        Console.WriteLine("| --- | " + string.Join(" | ", Contestants.Select(_ => "---")) + " |");
        foreach ((string write, string statement) in writes)
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
            Console.WriteLine($"| {write} | {string.Join(" | ", medians)} |");
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
