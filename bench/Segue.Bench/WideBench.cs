using Segue.Changes;
using Segue.Lab.Servers;

namespace Segue.Bench;

/// <summary>
/// Tables whose rows are mostly stored out of line: Segue's backfill, whose expression reads the wide column, against
/// one UPDATE.
/// </summary>
internal static class WideBench
{
    private const int Rounds = 3;

    /// <summary>
    /// A session that was active within the last second counts as an app: one that made the table is none, and these
    /// fills take two seconds.
    /// </summary>
    private static readonly TimeSpan UntilIdle = TimeSpan.FromSeconds(1.5);

    private sealed record Sample(string Name, int Rows, int Kilobytes, string Storage);

    private static readonly Sample[] Samples =
    [
        new("50 kB, compressed", 6_000, 50, "EXTENDED"),
        new("2 MB, not compressed", 150, 2_000, "EXTERNAL"),
    ];

    private static Change Change { get; } =
        SegueFill.Of(
            new AddColumn
            {
                Table = new TableName(null, "docs"),
                Name = "letters",
                Type = "integer",
                Nullable = false,
                Backfill = "length(body)",
            }
        );

    public static async Task RunAsync(CancellationToken cancel)
    {
        await using PostgresServer server = await BenchServer.StartAsync(cancel);
        string connectionString = await server.CreateDatabaseAsync("bench", cancel);
        SampleTable database = new(connectionString);
        Console.WriteLine(
            $"PostgreSQL {server.Version}, {Environment.ProcessorCount} cores, median of {Rounds} rounds; "
                + "the expression reads the wide column."
        );
        Console.WriteLine();
        Console.WriteLine("| rows | one UPDATE, rows/s | Segue, rows/s | against one UPDATE |");
        Console.WriteLine("| --- | --- | --- | --- |");
        foreach (Sample sample in Samples)
        {
            await CreateSourceAsync(database, sample, cancel);
            List<(double Single, double Segue)> rounds = [];
            for (int round = 0; round < Rounds; round++)
            {
                // In turn, who comes first too: a machine is not always equally fast.
                bool segueFirst = round % 2 == 1;
                double segue = segueFirst ? await SegueAsync() : 0;
                double single = sample.Rows / (await SingleAsync(database, sample, cancel)).TotalSeconds;
                rounds.Add((single, segueFirst ? segue : await SegueAsync()));
                Console.Error.WriteLine((sample, rounds[^1]));
            }

            (double Single, double Segue) median = rounds
                .OrderBy(pair => pair.Segue / pair.Single)
                .ElementAt(Rounds / 2);
            Console.WriteLine(
                $"| {sample.Rows:N0} of {sample.Name} | {median.Single:N0} | {median.Segue:N0} | "
                    + $"{median.Segue / median.Single:0.00} x |"
            );

            async Task<double> SegueAsync()
            {
                await CreateAsync(database, sample, cancel);
                double rate = sample.Rows / (await SegueFill.RunAsync(connectionString, Change, cancel)).TotalSeconds;
                long wrong = await database.ScalarAsync<long>(
                    "SELECT count(*) FROM docs JOIN source USING (id) WHERE docs.letters IS DISTINCT FROM "
                        + "source.letters",
                    cancel
                );
                return wrong == 0 ? rate : throw new InvalidOperationException($"{wrong} rows are wrong.");
            }
        }
    }

    private static async Task<TimeSpan> SingleAsync(SampleTable database, Sample sample, CancellationToken cancel)
    {
        await CreateAsync(database, sample, cancel);
        await database.ExecuteAsync("ALTER TABLE docs ADD COLUMN letters integer", cancel);
        long started = TimeProvider.System.GetTimestamp();
        await database.ExecuteAsync("UPDATE docs SET letters = length(body)", cancel);
        return TimeProvider.System.GetElapsedTime(started);
    }

    /// <summary>The same rows for everybody, compressed once.</summary>
    private static Task CreateSourceAsync(SampleTable database, Sample sample, CancellationToken cancel) =>
        database.ExecuteAsync(
            $"""
            DROP TABLE IF EXISTS source;
            CREATE TABLE source (id bigint PRIMARY KEY, views int NOT NULL, body text, letters int);
            ALTER TABLE source ALTER COLUMN body SET STORAGE {sample.Storage};
            CREATE TEMP TABLE page AS SELECT string_agg(md5(n::text), '') AS body
                FROM generate_series(1, {sample.Kilobytes
                * 32}) AS n;
            INSERT INTO source SELECT n, 0, n::text || page.body, length(n::text || page.body)
                FROM generate_series(1, {sample.Rows}) AS n, page;
            DROP TABLE page;
            """,
            cancel
        );

    private static async Task CreateAsync(SampleTable database, Sample sample, CancellationToken cancel)
    {
        await database.ExecuteAsync("DROP TABLE IF EXISTS docs; DROP SCHEMA IF EXISTS segue CASCADE", cancel);
        await database.ExecuteAsync(
            $"""
            CREATE TABLE docs (id bigint PRIMARY KEY, views int NOT NULL DEFAULT 0, body text);
            ALTER TABLE docs ALTER COLUMN body SET STORAGE {sample.Storage};
            INSERT INTO docs SELECT id, views, body FROM source;
            ALTER TABLE docs SET (autovacuum_enabled = off);
            """,
            cancel
        );
        await database.ExecuteAsync("VACUUM (ANALYZE) docs", cancel);
        await database.ExecuteAsync("CHECKPOINT", cancel);
        await Task.Delay(UntilIdle, cancel);
    }
}
