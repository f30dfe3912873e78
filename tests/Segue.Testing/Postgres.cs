using System.Collections.Concurrent;
using Npgsql;
using Segue.Lab.Servers;

namespace Segue.Testing;

/// <summary>One shared server per major version for a test run; each test has a database of its own on it.</summary>
public static class Postgres
{
    private static readonly ConcurrentDictionary<int, Lazy<Task<PostgresServer>>> Servers = new();
    private static int _database;

    /// <summary>
    /// What tests run on: every supported version, or the ones in SEGUE_TEST_POSTGRES (e.g. <c>15,18</c>).
    /// </summary>
    public static IReadOnlyList<int> Majors { get; } =
        Environment.GetEnvironmentVariable("SEGUE_TEST_POSTGRES") is { Length: > 0 } wanted
            ? [.. wanted.Split(',').Select(int.Parse)]
            : [14, 15, 16, 17, 18];

    public static Task<PostgresServer> ServerAsync(int major) =>
        Servers
            .GetOrAdd(
                major,
                _ => new Lazy<Task<PostgresServer>>(() =>
                    PostgresServer.StartAsync(
                        new PostgresServerOptions
                        {
                            Major = major,
                            Settings = new Dictionary<string, string>
                            {
                                ["fsync"] = "off",
                                ["max_connections"] = "200",
                                ["shared_buffers"] = "128MB",
                                ["max_prepared_transactions"] = "10",
                                ["wal_level"] = "logical",
                                ["autovacuum_naptime"] = "60s",
                            },
                        },
                        CancellationToken.None
                    )
                )
            )
            .Value;

    /// <summary>An empty database on the shared server of that version.</summary>
    public static async Task<TestDatabase> DatabaseAsync(int major)
    {
        PostgresServer server = await ServerAsync(major);
        return await DatabaseAsync(server);
    }

    public static async Task<TestDatabase> DatabaseAsync(PostgresServer server)
    {
        string name = $"test_{Interlocked.Increment(ref _database)}";
        string connectionString = await server.CreateDatabaseAsync(name);
        return new TestDatabase(server, name, connectionString);
    }
}
