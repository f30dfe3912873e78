namespace Segue.Lab.Traffic;

/// <summary>
/// Live traffic from applications to a database, at fixed rates that do not adapt to a slow answer (an open loop): a
/// request that waits behind a stalled one counts its waiting time. Results can be read while it runs. A <c>source</c>
/// selects them: an application's name, or <c>application/client</c>; null is all.
/// </summary>
public sealed class TrafficRun : IAsyncDisposable
{
    private readonly TrafficOptions _options;
    private readonly TrafficClock _clock;
    private readonly TrafficRecord _record;
    private readonly List<RunningApp> _apps = [];
    private int _started;

    private TrafficRun(TrafficOptions options, TimeProvider time)
    {
        _options = options;
        _clock = new TrafficClock(time);
        _record = new TrafficRecord(options);
    }

    /// <summary>Time since the start, without <see cref="Frozen"/>.</summary>
    public TimeSpan Elapsed => _clock.Now;

    /// <summary>
    /// How long this process was frozen (stopped, suspended, paused with its machine). No latency includes it.
    /// </summary>
    public TimeSpan Frozen => _clock.Frozen;

    /// <summary>
    /// The first errors (<see cref="TrafficOptions.MaxErrors"/>); <see cref="TrafficSummary.Failed"/> counts all.
    /// </summary>
    public IReadOnlyList<TrafficError> Errors => _record.Errors;

    /// <summary>Starts the traffic of some applications.</summary>
    /// <exception cref="Npgsql.NpgsqlException">An application could not connect.</exception>
    public static async Task<TrafficRun> StartAsync(
        IEnumerable<TrafficApp> apps,
        TrafficOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var run = new TrafficRun(options ?? new TrafficOptions(), TimeProvider.System);
        try
        {
            foreach (TrafficApp app in apps)
                await run.AddAsync(app, cancellationToken);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more application, like a deployment.</summary>
    public async Task AddAsync(TrafficApp app, CancellationToken cancellationToken = default)
    {
        int seed = HashCode.Combine(_options.Seed, _started++);
        _apps.Add(await RunningApp.StartAsync(app, _clock, _record, seed, cancellationToken));
    }

    /// <summary>Stops one application: no new requests; running ones are answered.</summary>
    public async Task RemoveAsync(string app)
    {
        RunningApp running = Running(app);
        _apps.Remove(running);
        await StopAsync(running);
    }

    /// <summary>Changes how many requests a client offers per second.</summary>
    public void SetRate(string app, string client, double rate) => Running(app).SetRate(client, rate, _clock.Now);

    /// <summary>
    /// Begins a new period, such as a stage of a change. A request belongs to the period in which it is due.
    /// </summary>
    public void Mark(string name) => _record.Mark(name, _clock.Now);

    /// <summary>All requests so far.</summary>
    public TrafficSummary Summary(string? source = null) => _record.Summary(source);

    /// <summary>The requests that were due in a window, its edges rounded outwards to whole slices.</summary>
    public TrafficSummary Summary(TimeSpan from, TimeSpan to, string? source = null) =>
        _record.Summary(from, to, source);

    /// <summary>The requests of each period, from mark to mark.</summary>
    public IReadOnlyList<TrafficPeriod> Periods(string? source = null) => _record.Periods(_clock.Now, source);

    /// <summary>The time series, slice by slice.</summary>
    public IReadOnlyList<TrafficPoint> Series(string? source = null) => _record.Series(source);

    /// <summary>Stops all applications: no new requests, those under way are answered.</summary>
    public async Task StopAsync()
    {
        RunningApp[] apps = [.. _apps];
        _apps.Clear();
        await Task.WhenAll(apps.Select(StopAsync));
    }

    /// <summary>Stops the traffic.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _clock.Dispose();
    }

    private async Task StopAsync(RunningApp app)
    {
        await app.StopAsync(_clock.Now, _options.Drain);
        await app.DisposeAsync();
    }

    private RunningApp Running(string app) =>
        _apps.Find(running => running.Name == app)
        ?? throw new ArgumentException($"No application named {app} is running.", nameof(app));
}
