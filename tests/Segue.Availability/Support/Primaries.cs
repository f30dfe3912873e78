using Segue.Lab.Servers;

namespace Segue.Availability.Support;

/// <summary>
/// Servers of one class that get standbys: on a shared one a standby that lags would stop the fills of other tests.
/// </summary>
public sealed class Primaries : IAsyncLifetime
{
    private readonly Dictionary<int, PostgresServer> _started = [];

    public async Task<PostgresServer> OfAsync(int major)
    {
        if (!_started.TryGetValue(major, out PostgresServer? server))
        {
            server = await PostgresServer.StartAsync(
                new PostgresServerOptions
                {
                    Major = major,
                    Settings = new Dictionary<string, string> { ["fsync"] = "off", ["wal_level"] = "logical" },
                }
            );
            _started.Add(major, server);
        }

        return server;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (PostgresServer server in _started.Values)
        {
            await server.DisposeAsync();
        }
    }
}
