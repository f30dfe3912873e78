using Npgsql;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>The shop's database on a separate server.</summary>
internal sealed record Shop(PostgresServer Server, OrdersWorkload Workload)
{
    public const string Database = "shop";

    // Settings for a server of two cores; the others are PostgreSQL's defaults, so that it is as durable as any.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["shared_buffers"] = "256MB",
        ["max_wal_size"] = "2GB",
    };

    public string Product => $"PostgreSQL {Server.Version}";

    /// <summary>Beside the server's data: it is removed with that, even if this process is killed.</summary>
    public string ChangeDirectory => Path.Combine(Path.GetDirectoryName(Server.DataDirectory)!, "changes");

    public static async Task<Shop> OpenAsync(DemoOptions options, CancellationToken cancel)
    {
        PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = options.Major,
                PreferInstalled = true,
                Settings = Settings,
                DataRoot = options.DataRoot,
            },
            cancel
        );
        try
        {
            string connectionString = await server.CreateDatabaseAsync(Database, cancel);
            return new Shop(server, new OrdersWorkload { ConnectionString = connectionString, Orders = options.Rows });
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Fills the tables and writes them to disk before anybody measures.</summary>
    /// <returns>The size of the table of orders with its indexes.</returns>
    public async Task<long> FillAsync(CancellationToken cancel)
    {
        await Workload.CreateAsync(cancel);
        await using NpgsqlConnection connection = new(Workload.ConnectionString);
        await connection.OpenAsync(cancel);
        await using NpgsqlCommand checkpoint = new("CHECKPOINT", connection) { CommandTimeout = 0 };
        await checkpoint.ExecuteNonQueryAsync(cancel);
        await using NpgsqlCommand size = new("SELECT pg_total_relation_size('orders')", connection);
        return (long)(await size.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Traffic of the old application.</summary>
    public Task<TrafficRun> OpenForBusinessAsync(DemoOptions options, CancellationToken cancel)
    {
        TrafficApp old = Workload.OldApp(options.Rate);
        return TrafficRun.StartAsync(
            [old with { Clients = [.. old.Clients, .. options.MoreClients] }],
            new TrafficOptions { Slice = TimeSpan.FromMilliseconds(500) },
            cancel
        );
    }
}
