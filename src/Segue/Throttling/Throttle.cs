using Segue.Engines;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Throttling;

/// <summary>Reads the signals between batches: stops while one says stop, rests while an app is active.</summary>
internal sealed class Throttle : IAsyncDisposable
{
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPoll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly RunContext _run;
    private readonly IReadOnlyList<ISignal> _signals;
    private readonly Lookout<Readings> _readings;
    private string? _told;

    public Throttle(RunContext run, IReadOnlyList<ISignal> signals)
    {
        _run = run;
        _signals = signals;
        _readings = new Lookout<Readings>(ReadAllAsync, ReadEvery, run.Time);
    }

    /// <summary>An app was active at the last reading.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>
    /// Returns when no signal says stop. Reads them at most once a second while all is well, beside the batches.
    /// </summary>
    public async Task WaitUntilClearAsync(CancellationToken cancel)
    {
        while (await _readings.LatestAsync(cancel) is var readings)
        {
            IsBusy = readings.Busy;
            if (readings.StopReason is not { } reason)
            {
                break;
            }

            await WaitAsync(reason, StopPoll, cancel);
        }

        await TellAsync(null, cancel);
    }

    /// <summary>
    /// Returns the reason once a signal says stop. A signal that cannot be read is ignored here: a lost connection must
    /// not end running work.
    /// </summary>
    public async Task<string> UntilStopAsync(CancellationToken cancel)
    {
        while (true)
        {
            await _run.DelayAsync(ReadEvery, cancel);
            foreach (ISignal signal in _signals)
            {
                if (await ReadOrNullAsync(signal, cancel) is { StopReason: { } reason })
                {
                    return reason;
                }
            }
        }
    }

    /// <summary>Waits, and reports the reason, until there is nothing to wait for any more.</summary>
    public async Task WaitAsync(string reason, TimeSpan delay, CancellationToken cancel)
    {
        await TellAsync(reason, cancel);
        await _run.DelayAsync(delay, cancel);
        await ReadAnewAsync();
    }

    /// <summary>
    /// The last readings are outdated, after a pause for instance: the next batch waits for new ones.
    /// </summary>
    public Task ReadAnewAsync() => _readings.ForgetAsync();

    /// <summary>How long to rest after so much work: leaves the app its share of the server.</summary>
    public TimeSpan RestAfter(TimeSpan worked)
    {
        double duty = _run.Options.DutyCycle;
        TimeSpan rest = IsBusy ? worked * ((1 - duty) / duty) : TimeSpan.Zero;
        return rest < LongestRest ? rest : LongestRest;
    }

    /// <param name="rested">How long the server has rested already, between batches or during a message.</param>
    public Task RestAsync(TimeSpan worked, TimeSpan rested, CancellationToken cancel)
    {
        TimeSpan rest = RestAfter(worked) - rested;
        return rest > TimeSpan.Zero ? _run.DelayAsync(rest, cancel) : Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _readings.DisposeAsync();

    private async Task<Readings> ReadAllAsync(CancellationToken cancel)
    {
        bool busy = false;
        foreach (ISignal signal in _signals)
        {
            Reading reading = await ReadAsync(signal, cancel);
            busy |= reading.Busy;
            if (reading.StopReason is { } reason)
            {
                return new Readings(reason, busy);
            }
        }

        return new Readings(null, busy);
    }

    private static async Task<Reading?> ReadOrNullAsync(ISignal signal, CancellationToken cancel)
    {
        try
        {
            return await signal.ReadAsync(cancel);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return null;
        }
    }

    private static bool IsUnreadable(Exception error) =>
        error is System.Data.Common.DbException or IOException or UnauthorizedAccessException;

    private async Task<Reading> ReadAsync(ISignal signal, CancellationToken cancel)
    {
        try
        {
            return await signal.ReadAsync(cancel);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            // Fail closed: a signal that cannot be read may hide a problem.
            return Reading.Stop(
                $"{signal.Name} cannot be read ({_run.Execution.Describe(error)}); Segue pauses while it "
                    + "cannot read a signal."
            );
        }
    }

    private async Task TellAsync(string? reason, CancellationToken cancel)
    {
        if (reason == _told)
        {
            return;
        }

        _told = reason;
        _run.Emit(new RunEvent.Throttled(reason));
        await _run.Records.Ledger.SetThrottleAsync(_run.Plan.Change, reason, _run.Lease, cancel);
    }

    private sealed record Readings(string? StopReason, bool Busy);
}
