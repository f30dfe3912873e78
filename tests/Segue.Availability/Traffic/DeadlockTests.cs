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
    private const int Rows = 60_000;

    [Theory, PostgresVersions(17)]
    public async Task No_deadlock_involves_Segue(int major)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(new PostgresServerOptions
        {
            Major = major,

            // Sooner than usual: more deadlocks in less time, and less time for Segue to get out of the way.
            Settings = new Dictionary<string, string> { ["fsync"] = "off", ["log_connections"] = "on", ["deadlock_timeout"] = "200ms" },
        });
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.CreateOrdersAsync(Rows);
        await using TrafficRun traffic = await TrafficRun.StartAsync([UnsortedUpdaters(db.ConnectionString)]);
        await Until.TrueAsync(() => traffic.Errors.Count > 0, "the apps deadlock by themselves");

        (await db.ApplyAsync(Tables.Currency + "\n      index: true\n      check: \"currency > ''\"")).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
        await traffic.StopAsync();

        traffic.Errors.ShouldAllBe(error => error.SqlState == PostgresErrorCodes.DeadlockDetected);
        string log = await File.ReadAllTextAsync(server.LogFile);
        HashSet<int> segue = [.. Connection().Matches(log).Select(Pid)];
        int[] deadlocked = [.. Deadlocked().Matches(log).Select(Pid)];
        output.WriteLine($"{traffic.Summary().Failed} of {traffic.Summary().Requests} requests deadlocked; Segue had {segue.Count} sessions");
        deadlocked.Length.ShouldBeGreaterThanOrEqualTo(2);
        segue.ShouldNotBeEmpty();
        deadlocked.ShouldAllBe(pid => !segue.Contains(pid));
    }

    /// <summary>Each updates four rows in any order: some from the few that all want, some from anywhere.</summary>
    private static TrafficApp UnsortedUpdaters(string connectionString) => new("unsorted", connectionString,
    [
        new("update four", 70, async (connection, random, cancel) =>
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
            for (int n = 0; n < 4; n++)
            {
                int id = n % 2 == 0 ? 1 + random.Next(12) : 1 + random.Next(Rows);
                await using NpgsqlCommand command = new($"UPDATE orders SET note = 'four', amount = amount + 1 WHERE id = {id}; SELECT pg_sleep(0.002)", connection);
                await command.ExecuteNonQueryAsync(cancel);
            }

            await transaction.CommitAsync(cancel);
        }) { Connections = 8 },
    ]);

    private static int Pid(Match match) => int.Parse(match.Groups["pid"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\[(?<pid>\d+)\] LOG:  connection authorized: .*application_name=segue", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Connection();

    [GeneratedRegex(@"Process (?<pid>\d+) waits for", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex Deadlocked();
}
