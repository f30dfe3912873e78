using Segue.Engines;

namespace Segue.Execution;

/// <summary>Renews a lease in the background and cancels the run once it is lost.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly IEngine _engine;
    private readonly RunOptions _options;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _heartbeat;

    public LeaseKeeper(IEngine engine, Lease lease, RunOptions options, TimeProvider time)
    {
        _engine = engine;
        _options = options;
        _time = time;
        Lease = lease;
        _heartbeat = HeartbeatAsync();
    }

    public Lease Lease { get; }

    /// <summary>Cancelled when another runner has taken over.</summary>
    public CancellationToken Lost => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _heartbeat;
        try
        {
            await _engine.Leases.ReleaseAsync(Lease, CancellationToken.None);
        }
        catch (Exception error) when (_engine.Classify(error) is not ErrorClass.Permanent)
        {
            // The lease runs out by itself.
        }

        _stop.Dispose();
        _lost.Dispose();
    }

    private async Task HeartbeatAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.LeaseTime / 5, _time, _stop.Token);
                await RenewAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task RenewAsync()
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_options.LeaseTime / 3);
        try
        {
            if (!await _engine.Leases.RenewAsync(Lease, _options.LeaseTime, limit.Token))
            {
                await _lost.CancelAsync();
            }
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            // A heartbeat that cannot be sent, or is not answered, decides nothing: every write is fenced by the server itself.
        }
    }
}
