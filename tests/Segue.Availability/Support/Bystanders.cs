using Npgsql;
using Segue.Lab.Traffic;

namespace Segue.Availability.Support;

/// <summary>
/// An app that reads and writes single rows of a table by their key, at an even rate: what it feels is what any app
/// feels.
/// </summary>
internal static class Bystanders
{
    /// <summary>The name of <see cref="Control"/>.</summary>
    public const string ControlName = "control";

    /// <summary>A lock's timeout and its hold budget, and a little for what comes between.</summary>
    public static TimeSpan LongestStall { get; } = TimeSpan.FromMilliseconds(1000);

    public static Task<TrafficRun> OfAsync(
        string connectionString,
        string table = "orders",
        int rows = 1000,
        bool writing = true
    )
    {
        TrafficClient reader = new(
            "read",
            60,
            (connection, random, cancel) =>
                RunAsync(connection, $"SELECT note FROM {table} WHERE id = {1 + random.Next(rows)}", cancel)
        );
        TrafficClient writer = new(
            "write",
            40,
            (connection, random, cancel) =>
                RunAsync(
                    connection,
                    $"UPDATE {table} SET note = 'by a bystander' WHERE id = {1 + random.Next(rows)}",
                    cancel
                )
        );
        return TrafficRun.StartAsync([
            new TrafficApp("bystander", connectionString, writing ? [reader, writer] : [reader]) { Prepare = false },
            Control(connectionString),
        ]);
    }

    /// <summary>Ends the traffic: nobody failed, nobody waited long.</summary>
    /// <returns>What they felt, in words.</returns>
    public static async Task<string> ShouldHaveNoticedNothingAsync(this TrafficRun traffic)
    {
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        TrafficSummary summary = traffic.Summary("bystander");
        summary.Requests.ShouldBeGreaterThan(0);
        TimeSpan control = traffic.Summary(ControlName).Max;
        summary.Max.ShouldBeLessThan(LongestStall + control);
        return $"{summary.Requests} requests, p99 {summary.P99.TotalMilliseconds:0} ms, longest "
            + $"{summary.Max.TotalMilliseconds:0} ms (of one that touches no table: "
            + $"{control.TotalMilliseconds:0} ms)";
    }

    /// <summary>Touches no table: how long it waits is how busy the machine is.</summary>
    public static TrafficApp Control(string connectionString) =>
        new(
            ControlName,
            connectionString,
            [new("nothing", 50, (connection, _, cancel) => RunAsync(connection, "SELECT 1", cancel))]
        );

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
