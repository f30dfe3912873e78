using Segue.Lab.Servers;

namespace Segue.Bench;

internal static class BenchServer
{
    /// <summary>
    /// A server as one would run it: durable, with room between checkpoints, so that no contestant pays for another's.
    /// </summary>
    public static Task<PostgresServer> StartAsync(CancellationToken cancel) =>
        PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = Environment.GetEnvironmentVariable("SEGUE_BENCH_POSTGRES") is { Length: > 0 } major
                    ? int.Parse(major)
                    : 17,
                Settings = new Dictionary<string, string>
                {
                    ["shared_buffers"] = "1GB",
                    ["max_wal_size"] = "8GB",
                    ["checkpoint_timeout"] = "30min",
                },
            },
            cancel
        );
}
