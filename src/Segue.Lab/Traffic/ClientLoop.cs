using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>
/// One connection of a client: takes requests from the schedule one after the other, as long as there are any.
/// </summary>
internal sealed class ClientLoop(
    Lane lane,
    TrafficClient client,
    NpgsqlDataSource source,
    Schedule schedule,
    Random random
) : IAsyncDisposable
{
    // If a connection was free when a request was due, a late start comes only from coarse timers: it is not the
    // database's fault.
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(5);

    private NpgsqlConnection? _connection;

    /// <summary>Sends requests until the schedule ends.</summary>
    /// <param name="clock">Says when a request is due and how long it took.</param>
    /// <param name="record">Gets the results.</param>
    /// <param name="ending">Ends the wait for a request after the schedule's end.</param>
    /// <param name="abandon">Fails the requests that are still running or never started.</param>
    public async Task RunAsync(
        TrafficClock clock,
        TrafficRecord record,
        CancellationToken ending,
        CancellationToken abandon
    )
    {
        while (schedule.Take() is { } due)
        {
            bool wasFree = clock.Now < due;
            await clock.UntilAsync(due, ending);
            if (schedule.HasEndedBefore(due))
                return;

            TimeSpan begun = clock.Now;
            TimeSpan since = wasFree && begun - due < TimerSlack ? begun : due;
            Exception? failure = await RequestAsync(abandon);
            record.Add(lane, due, clock.Now - since, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
    }

    private async Task<Exception?> RequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_connection is not { State: System.Data.ConnectionState.Open })
                await ConnectAsync(cancellationToken);
            await client.Request(_connection!, random, cancellationToken);
            return null;
        }
        catch (Exception e)
        {
            // Any exception of an application's code is a failed request.
            return e;
        }
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        _connection = await source.OpenConnectionAsync(cancellationToken);
    }
}
