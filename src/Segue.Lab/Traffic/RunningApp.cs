using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>A running application with connected clients.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly TrafficApp _app;
    private readonly NpgsqlDataSource _source;
    private readonly Dictionary<string, Schedule> _schedules = [];
    private readonly List<ClientLoop> _loops = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _abandon = new();
    private Task _work = Task.CompletedTask;

    private RunningApp(TrafficApp app)
    {
        _app = app;
        _source = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(app.ConnectionString)
            {
                ApplicationName = app.Name,
                MaxPoolSize = app.Clients.Sum(client => client.Connections),
                MaxAutoPrepare = app.Prepare ? 64 : 0,
                AutoPrepareMinUsages = 2,
            }
        );
    }

    public string Name => _app.Name;

    /// <summary>Connects all clients, then starts them.</summary>
    public static async Task<RunningApp> StartAsync(
        TrafficApp app,
        TrafficClock clock,
        TrafficRecord record,
        int seed,
        CancellationToken cancellationToken
    )
    {
        var running = new RunningApp(app);
        try
        {
            await running.FillPoolAsync(cancellationToken);
            running.Begin(clock, record, new Random(seed));
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    public void SetRate(string client, double rate, TimeSpan now) => _schedules[client].SetRate(rate, now);

    /// <summary>Ends the schedule and waits for the running requests.</summary>
    public async Task StopAsync(TimeSpan now, TimeSpan drain)
    {
        foreach (Schedule schedule in _schedules.Values)
            schedule.End(now);
        await _ending.CancelAsync();
        _abandon.CancelAfter(drain);
        await _work;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ClientLoop loop in _loops)
            await loop.DisposeAsync();
        await _source.DisposeAsync();
        _ending.Dispose();
        _abandon.Dispose();
    }

    // The time to open a connection does not count as latency.
    private async Task FillPoolAsync(CancellationToken cancellationToken)
    {
        var connections = new List<NpgsqlConnection>();
        try
        {
            for (int i = 0; i < _app.Clients.Sum(client => client.Connections); i++)
                connections.Add(await _source.OpenConnectionAsync(cancellationToken));
        }
        finally
        {
            foreach (NpgsqlConnection connection in connections)
                await connection.DisposeAsync();
        }
    }

    private void Begin(TrafficClock clock, TrafficRecord record, Random random)
    {
        var work = new List<Task>();
        foreach (TrafficClient client in _app.Clients)
        {
            // Clients of the same rate would otherwise send at the same moments.
            TimeSpan phase = TimeSpan.FromSeconds(random.NextDouble() / client.Rate);
            var schedule = new Schedule(clock.Now + phase, client.Rate);
            _schedules.Add(client.Name, schedule);
            Lane lane = record.AddLane(_app.Name, client.Name);
            for (int i = 0; i < client.Connections; i++)
            {
                var loop = new ClientLoop(lane, client, _source, schedule, new Random(random.Next()));
                _loops.Add(loop);
                work.Add(
                    Task.Run(() => loop.RunAsync(clock, record, _ending.Token, _abandon.Token), CancellationToken.None)
                );
            }
        }

        _work = Task.WhenAll(work);
    }
}
