using Npgsql;
using Segue.Lab.Traffic;

namespace Segue.Availability.Support;

/// <summary>An app that reads and writes single rows of a table by their key, at an even rate: what it feels is what any app feels.</summary>
internal static class Bystanders
{
    /// <summary>A lock's timeout and its hold budget, and as much again for a busy machine.</summary>
    public static TimeSpan LongestStall { get; } = TimeSpan.FromMilliseconds(1400);

    public static Task<TrafficRun> OfAsync(string connectionString, string table = "orders", int rows = 1000, bool writing = true)
    {
        TrafficClient reader = new("read", 60, (connection, random, cancel) =>
            RunAsync(connection, $"SELECT note FROM {table} WHERE id = {1 + random.Next(rows)}", cancel));
        TrafficClient writer = new("write", 40, (connection, random, cancel) =>
            RunAsync(connection, $"UPDATE {table} SET note = 'by a bystander' WHERE id = {1 + random.Next(rows)}", cancel));
        return TrafficRun.StartAsync([new TrafficApp("bystander", connectionString, writing ? [reader, writer] : [reader]) { Prepare = false }]);
    }

    /// <summary>Ends the traffic: nobody failed, nobody waited long.</summary>
    public static async Task<TrafficSummary> ShouldHaveNoticedNothingAsync(this TrafficRun traffic)
    {
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        TrafficSummary summary = traffic.Summary();
        summary.Requests.ShouldBeGreaterThan(0);
        summary.Max.ShouldBeLessThan(LongestStall);
        return summary;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
