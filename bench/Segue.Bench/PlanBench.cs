using System.Diagnostics;
using Segue.Changes;
using Segue.Engines;
using Segue.Lab.Servers;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;

namespace Segue.Bench;

/// <summary>
/// Planning on a database with 5,000 tables against planning on one with a single table: the difference is what size
/// costs.
/// </summary>
internal static class PlanBench
{
    private const int Tables = 5000;
    private const int Rounds = 5;

    public static async Task RunAsync(CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string few = await server.CreateDatabaseAsync("few", cancel);
        string many = await server.CreateDatabaseAsync("many", cancel);
        foreach (string database in new[] { few, many })
        {
            await new SampleTable(database).CreateAsync(10_000, cancel);
        }

        await new SampleTable(many).ExecuteAsync(
            $"DO $$ BEGIN FOR n IN 1..{Tables} LOOP EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY "
                + "KEY, a int, b text)', n); IF n % 100 = 0 THEN COMMIT; END IF; END LOOP; END $$",
            cancel
        );
        List<double> fewSeconds = [];
        List<double> manySeconds = [];
        for (int round = 0; round <= Rounds; round++)
        {
            double a = await PlanAsync(few, cancel);
            double b = await PlanAsync(many, cancel);
            if (round > 0)
            {
                fewSeconds.Add(a);
                manySeconds.Add(b);
            }
        }

        Console.WriteLine(
            $"PostgreSQL {server.Version}, median of {Rounds} rounds after a warm-up, connecting included."
        );
        Console.WriteLine();
        Console.WriteLine("| database | seconds to plan |");
        Console.WriteLine("| --- | --- |");
        Console.WriteLine($"| 1 table | {fewSeconds.Order().ElementAt(Rounds / 2):0.000} |");
        Console.WriteLine($"| {Tables + 1:N0} tables | {manySeconds.Order().ElementAt(Rounds / 2):0.000} |");
    }

    private static async Task<double> PlanAsync(string connectionString, CancellationToken cancel)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using PostgresEngine engine = new(connectionString);
        PlanOutcome outcome = await engine.Planner.PlanAsync(
            SegueFill.Change,
            new PlanOptions { SmallTableBytes = 0 },
            cancel
        );
        return outcome is PlanOutcome.Planned
            ? watch.Elapsed.TotalSeconds
            : throw new InvalidOperationException(outcome.ToString());
    }
}
