using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// A change on tables that a subscription writes: its worker has its own session, and runs as a replica.
/// </summary>
public class SubscriberTests
{
    private const string Change = """
        operations:
          - add_column: { table: plain, name: code, type: int, nullable: false, backfill: n * 2 }
          - add_column: { table: parts, name: code, type: int, nullable: false, derive: n * 2 }
        """;

    private const string Published = """
        CREATE TABLE plain (id int PRIMARY KEY, n int NOT NULL);
        INSERT INTO plain SELECT g, g FROM generate_series(1, 3000) g;
        CREATE TABLE parts (id int PRIMARY KEY, n int NOT NULL);
        INSERT INTO parts SELECT g, g FROM generate_series(1, 3000) g;
        CREATE PUBLICATION rows FOR TABLE plain, parts;
        """;

    private const string Subscribed = """
        CREATE TABLE plain (id int PRIMARY KEY, n int NOT NULL);
        CREATE TABLE parts (id int PRIMARY KEY, n int NOT NULL) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1500);
        CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
        """;

    [Theory]
    [InlineData(14, 18)]
    [InlineData(18, 14)]
    public async Task Rows_that_a_subscription_writes_during_the_fill_get_their_values(int from, int to)
    {
        await using TestDatabase publisher = await Postgres.DatabaseAsync(from);
        await using TestDatabase subscriber = await Postgres.DatabaseAsync(to);
        await publisher.ExecuteAsync(Published);
        await subscriber.ExecuteAsync(Subscribed);
        await subscriber.ExecuteAsync(
            $"CREATE SUBSCRIPTION {subscriber.Name} CONNECTION 'host=127.0.0.1 "
                + $"port={publisher.Server.Port} user=postgres dbname={publisher.Name}' PUBLICATION rows"
        );
        try
        {
            await ArrivedAsync(subscriber, 3000, 0);
            int writes = 0;
            subscriber.Happened = happened =>
            {
                if (happened is RunEvent.StepStarted { Step: BackfillStep or VerifyStep })
                {
                    writes++;
                    WriteAsync(publisher, subscriber, writes).GetAwaiter().GetResult();
                }
            };

            (await subscriber.ApplyAsync(Change)).ShouldWaitAtGate();
            subscriber.Happened = null;
            await WriteAsync(publisher, subscriber, ++writes);

            (
                await subscriber.ScalarAsync<long>(
                    "SELECT count(*) FROM plain WHERE code IS NULL OR (id > 3000 AND code <> n * 2)"
                )
            ).ShouldBe(0);
            (
                await subscriber.ScalarAsync<long>("SELECT count(*) FROM parts WHERE code IS DISTINCT FROM n * 2")
            ).ShouldBe(0);
            (await subscriber.CompleteAsync()).ShouldBeCompleted();
        }
        finally
        {
            // Else neither database can be dropped.
            await subscriber.ExecuteAsync($"DROP SUBSCRIPTION {subscriber.Name}");
        }
    }

    /// <summary>
    /// New rows in both partitions, and updates of old ones, seen on the subscriber before it goes on.
    /// </summary>
    private static async Task WriteAsync(TestDatabase publisher, TestDatabase subscriber, int write)
    {
        foreach (string table in (string[])["plain", "parts"])
        {
            await publisher.ExecuteAsync(
                $"INSERT INTO {table} SELECT 3000 + {write} * 10 + g, g FROM generate_series(0, 4) g; "
                    + $"UPDATE {table} SET n = n + 1 WHERE id <= 3000 AND id % 10 = 0"
            );
        }

        await ArrivedAsync(subscriber, 3000 + (write * 5), write);
    }

    private static Task ArrivedAsync(TestDatabase subscriber, int rows, int updates) =>
        Eventually.TrueAsync(
            "the rows have arrived",
            () =>
                subscriber.ScalarAsync<bool>(
                    $"SELECT bool_and(c = {rows} AND n = 3000 + {updates}) FROM (SELECT count(*) AS c, "
                        + "max(n) FILTER (WHERE id = 3000) AS n FROM plain UNION ALL SELECT count(*), max(n) "
                        + "FILTER (WHERE id = 3000) FROM parts) t"
                )
        );
}
