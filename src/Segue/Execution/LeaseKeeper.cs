using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Renews a lease in the background and cancels the run once it is lost.</summary>
internal sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly IEngine _engine;
    private readonly RunOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<RunEvent> _emit;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _heartbeat;
    private long _answeredAt;
    private bool _isSilent;

    public LeaseKeeper(IEngine engine, Lease lease, RunOptions options, TimeProvider time, Action<RunEvent> emit)
    {
        _engine = engine;
        _options = options;
        _time = time;
        _emit = emit;
        _answeredAt = time.GetTimestamp();
        Lease = lease;
        _heartbeat = HeartbeatAsync();
    }

    public Lease Lease { get; }

    /// <summary>Cancelled when the ledger holds another lease.</summary>
    public CancellationToken Lost => _lost.Token;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _heartbeat;
        try
        {
            await _engine.Records.Leases.ReleaseAsync(Lease, CancellationToken.None).WaitAsync(Patience, _time);
        }
        catch (Exception error)
            when (error is DbException
                || _engine.Execution.Classify(error) is not (ErrorClass.Permanent or ErrorClass.Rows)
            )
        {
            // The lease expires without us, and a missing ledger has no lease.
        }

        _stop.Dispose();
        _lost.Dispose();
    }

    /// <summary>If a renewal is not answered, there is still time for the next one.</summary>
    private TimeSpan Patience => _options.LeaseTime / 3;

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
        try
        {
            if (!await RenewInTimeAsync())
            {
                await _lost.CancelAsync();
            }

            _answeredAt = _time.GetTimestamp();
            if (_isSilent)
            {
                _isSilent = false;
                _emit(new RunEvent.Note("The server answers again."));
            }
        }
        catch (Exception)
        {
            // A failed heartbeat decides nothing: the server itself fences every write.
            ReportSilence();
        }
    }

    /// <summary>Work that waits for an answer reports nothing meanwhile.</summary>
    private void ReportSilence()
    {
        TimeSpan silent = _time.GetElapsedTime(_answeredAt);
        if (!_isSilent && !_stop.IsCancellationRequested && silent >= _options.LeaseTime)
        {
            _isSilent = true;
            _emit(
                new RunEvent.Note(
                    $"The server has not answered for {Plain.Duration(silent)}. Running work waits for "
                        + "it; nothing is lost."
                )
            );
        }
    }

    private async Task<bool> RenewInTimeAsync()
    {
        CancellationTokenSource deadline = new(Patience, _time);
        Task<bool> renewal = _engine.Records.Leases.RenewAsync(Lease, _options.LeaseTime, deadline.Token);
        _ = renewal.ContinueWith(_ => deadline.Dispose(), TaskScheduler.Default);

        // Closing a dead connection may take long.
        return await renewal.WaitAsync(Patience, _time);
    }
}
