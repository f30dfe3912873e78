using Segue.Execution;

namespace Segue.Throttling;

/// <summary>Listens to the signals between batches: stops while one says stop, rests while an app is at work.</summary>
internal sealed class Throttle(RunContext run, IReadOnlyList<ISignal> signals)
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private long? _lastRead;
    private string? _told;

    /// <summary>An app was at work when last looked.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>Returns when no signal says stop. Reads them at most once a second while all is well.</summary>
    public async Task WaitUntilClearAsync(CancellationToken cancel)
    {
        if (_lastRead is { } last && run.Time.GetElapsedTime(last) < ReadEvery)
        {
            return;
        }

        while (await StopReasonAsync(cancel) is { } reason)
        {
            await WaitAsync(reason, StopPoll, cancel);
        }

        await TellAsync(null, cancel);
        _lastRead = run.Time.GetTimestamp();
    }

    /// <summary>Waits, and tells everybody why until there is nothing to wait for any more.</summary>
    public async Task WaitAsync(string reason, TimeSpan delay, CancellationToken cancel)
    {
        await TellAsync(reason, cancel);
        await run.DelayAsync(delay, cancel);
        ReadAnew();
    }

    /// <summary>What was read is old by now, after a pause for instance: the next batch waits for new readings.</summary>
    public void ReadAnew() => _lastRead = null;

    /// <summary>After a batch: leaves the app its share of the server.</summary>
    public Task RestAsync(TimeSpan batch, CancellationToken cancel)
    {
        double duty = run.Options.DutyCycle;
        TimeSpan rest = IsBusy ? batch * ((1 - duty) / duty) : TimeSpan.Zero;
        return rest > TimeSpan.Zero ? run.DelayAsync(rest < LongestRest ? rest : LongestRest, cancel) : Task.CompletedTask;
    }

    private async Task<string?> StopReasonAsync(CancellationToken cancel)
    {
        IsBusy = false;
        foreach (ISignal signal in signals)
        {
            Reading reading = await ReadAsync(signal, cancel);
            IsBusy |= reading.Busy;
            if (reading.StopReason is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    private async Task<Reading> ReadAsync(ISignal signal, CancellationToken cancel)
    {
        try
        {
            return await signal.ReadAsync(cancel);
        }
        catch (Exception error) when (error is System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            // Fail closed: what cannot be seen may be hurting.
            return Reading.Stop($"{signal.Name} cannot be read ({run.Engine.Describe(error)}); a signal that cannot be read counts as stop.");
        }
    }

    private async Task TellAsync(string? reason, CancellationToken cancel)
    {
        if (reason == _told)
        {
            return;
        }

        _told = reason;
        run.Emit(new RunEvent.Throttled(reason));
        await run.Engine.Ledger.SetThrottleAsync(run.Plan.Change, reason, run.Lease, cancel);
    }
}
