using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Segue.Availability.Support;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>Apps that deadlock with each other go on doing so; Segue is in none of their deadlocks.</summary>
public partial class DeadlockTests(ITestOutputHelper output)
{
    private const int Rows = 15_000;

    [Theory, PostgresVersions(17)]
    public async Task No_deadlock_involves_Segue(int major)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,

                // Sooner than usual: more deadlocks in less time, and less time for Segue to get out of the way.
                Settings = new Dictionary<string, string>
                {
                    ["fsync"] = "off",
                    ["log_connections"] = "on",
                    ["deadlock_timeout"] = "200ms",
                },
            }
        );
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        db.Options = db.Options with { LockWait = TimeSpan.FromMinutes(2) };
        await db.CreateOrdersAsync(Rows);
        await using TrafficRun traffic = await TrafficRun.StartAsync([UnsortedUpdaters(db.ConnectionString)]);
        using CancellationTokenSource migrated = new();
        Task<int> crossing = CrossAsync(db.ConnectionString, migrated.Token);

        (
            await db.ApplyAsync(Tables.Currency + "\n      index: true\n      check: \"currency > ''\"")
        ).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
        await migrated.CancelAsync();
        int brought = await crossing;
        await traffic.StopAsync();

        traffic.Errors.ShouldAllBe(error => error.SqlState == PostgresErrorCodes.DeadlockDetected);
        string log = await File.ReadAllTextAsync(server.LogFile);
        HashSet<int> segue = [.. Connection().Matches(log).Select(Pid)];
        int[] deadlocked = [.. Deadlocked().Matches(log).Select(Pid)];
        output.WriteLine(
            $"{traffic.Summary().Failed} of {traffic.Summary().Requests} requests and {brought} pairs deadlocked; "
                + $"Segue had {segue.Count} sessions"
        );
        deadlocked.Length.ShouldBeGreaterThanOrEqualTo(2 * brought);
        segue.ShouldNotBeEmpty();
        deadlocked.ShouldAllBe(pid => !segue.Contains(pid));
    }

    /// <summary>
    /// Two transactions want the same two rows, each in an order of its own, and one of them is the victim; again and
    /// again, at least once.
    /// </summary>
    /// <returns>How often.</returns>
    private static async Task<int> CrossAsync(string connectionString, CancellationToken end)
    {
        int times = 0;
        do
        {
            await using Session one = await Session.InTransactionAsync(connectionString, "one", Update(1));
            await using Session two = await Session.InTransactionAsync(connectionString, "two", Update(2));
            Exception?[] errors = await Task.WhenAll(ErrorOfAsync(one, Update(2)), ErrorOfAsync(two, Update(1)));
            errors
                .OfType<PostgresException>()
                .ShouldHaveSingleItem()
                .SqlState.ShouldBe(PostgresErrorCodes.DeadlockDetected);
            times++;
        } while (!end.IsCancellationRequested);

        return times;
    }

    private static string Update(int id) => $"UPDATE orders SET note = 'crossed' WHERE id = {id}";

    private static async Task<Exception?> ErrorOfAsync(Session session, string sql)
    {
        try
        {
            await session.ExecuteAsync(sql);
            return null;
        }
        catch (PostgresException error)
        {
            return error;
        }
    }

    /// <summary>They update rows from all over the table in any order.</summary>
    private static TrafficApp UnsortedUpdaters(string connectionString) =>
        new(
            "unsorted",
            connectionString,
            [
                new(
                    "update four",
                    40,
                    (connection, random, cancel) =>
                        UpdateAsync(
                            connection,
                            [1 + random.Next(200), 1 + random.Next(Rows), 1 + random.Next(200), 1 + random.Next(Rows)],
                            cancel
                        )
                ),
            ]
        );

    private static async Task UpdateAsync(NpgsqlConnection connection, int[] ids, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        foreach (int id in ids)
        {
            await using NpgsqlCommand command = new(
                $"UPDATE orders SET note = 'unsorted', amount = amount + 1 WHERE id = {id}; SELECT "
                    + "pg_sleep(0.002)",
                connection
            );
            await command.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    private static int Pid(Match match) => int.Parse(match.Groups["pid"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"\[(?<pid>\d+)\] LOG:  connection authorized: .*application_name=segue",
        RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Connection();

    [GeneratedRegex(@"Process (?<pid>\d+) waits for", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Deadlocked();
}
