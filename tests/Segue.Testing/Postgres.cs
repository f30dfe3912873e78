using System.Collections.Concurrent;
using Segue.Lab.Servers;
using Segue.PostgreSql;

namespace Segue.Testing;

/// <summary>One shared server per major version for a test run; each test has a database of its own on it.</summary>
public static class Postgres
{
    private static readonly ConcurrentDictionary<int, Lazy<Task<PostgresServer>>> Servers = new();
    private static readonly ConcurrentDictionary<int, Lazy<Task<string>>> Templates = new();
    private static readonly string? MemoryVolume = MemoryVolumeWithRoom();
    private static int _database;

    /// <summary>
    /// What tests run on: every supported version, or the ones in SEGUE_TEST_POSTGRES (e.g. <c>15,18</c>).
    /// </summary>
    public static IReadOnlyList<int> Majors { get; } =
        Environment.GetEnvironmentVariable("SEGUE_TEST_POSTGRES") is { Length: > 0 } wanted
            ? [.. wanted.Split(',').Select(int.Parse)]
            : [14, 15, 16, 17, 18];

    public static Task<PostgresServer> ServerAsync(int major) => Once(Servers, major, StartAsync);

    /// <summary>A database on the shared server of that version, empty but for Segue's ledger.</summary>
    public static async Task<TestDatabase> DatabaseAsync(int major) =>
        await CopyAsync(await ServerAsync(major), await Once(Templates, major, CreateTemplateAsync));

    /// <summary>A database on the shared server of that version, in which Segue was never at work.</summary>
    public static async Task<TestDatabase> EmptyDatabaseAsync(int major) =>
        await DatabaseAsync(await ServerAsync(major));

    /// <summary>An empty database on a server of one's own.</summary>
    public static Task<TestDatabase> DatabaseAsync(PostgresServer server) => CopyAsync(server, "template1");

    private static Task<T> Once<T>(ConcurrentDictionary<int, Lazy<Task<T>>> made, int major, Func<int, Task<T>> make) =>
        made.GetOrAdd(major, _ => new Lazy<Task<T>>(() => make(major))).Value;

    /// <summary>Nothing here outlives the run: no setting that only matters after a crash of the machine.</summary>
    private static Task<PostgresServer> StartAsync(int major) =>
        PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                DataRoot = MemoryVolume,
                Settings = new Dictionary<string, string>
                {
                    ["fsync"] = "off",
                    ["full_page_writes"] = "off",
                    ["checkpoint_timeout"] = "1h",
                    ["max_connections"] = "200",
                    ["shared_buffers"] = "128MB",
                    ["max_prepared_transactions"] = "10",
                    ["wal_level"] = "logical",
                    ["autovacuum_naptime"] = "60s",
                },
            },
            CancellationToken.None
        );

    private static async Task<string> CreateTemplateAsync(int major)
    {
        const string Name = "with_ledger";
        PostgresServer server = await ServerAsync(major);
        string connectionString = await server.CreateDatabaseAsync(Name);
        await using (PostgresEngine engine = new(connectionString))
        {
            await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        }

        return Name;
    }

    private static async Task<TestDatabase> CopyAsync(PostgresServer server, string template)
    {
        string name = $"test_{Interlocked.Increment(ref _database)}";

        // Since PostgreSQL 15 the default writes every page to the log, which takes twice as long.
        string strategy = server.Major >= 15 ? " STRATEGY file_copy" : "";
        await server.ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}{strategy}");
        return new TestDatabase(server, name, server.ConnectionString(name));
    }

    /// <summary>Memory as a volume, where there is one with room for all the servers of a run.</summary>
    private static string? MemoryVolumeWithRoom()
    {
        const string Volume = "/dev/shm";
        const long Room = 4L << 30;
        return Directory.Exists(Volume) && new DriveInfo(Volume).AvailableFreeSpace > Room ? Volume : null;
    }
}
