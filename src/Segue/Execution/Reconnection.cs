using Segue.Engines;

namespace Segue.Execution;

/// <summary>
/// Runs work that asks the catalog or the ledger where it is before it acts, and so may be entered again after a lost connection,
/// a failover, or a rollback of our own transaction.
/// </summary>
internal sealed class Reconnection(IEngine engine, RunOptions options, TimeProvider time, Action<RunEvent> emit)
{
    private const int Retries = 20;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    public async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        int retries = 0;
        long? lostAt = null;
        TimeSpan delay = FirstDelay;
        while (true)
        {
            long began = time.GetTimestamp();
            try
            {
                return await work();
            }
            catch (Exception error) when (!cancel.IsCancellationRequested && MayTryAgain(error, began, ref lostAt, ref retries))
            {
                emit(new RunEvent.Note($"{engine.Describe(error)} Trying again in {Plain.Duration(delay)}."));
                await Task.Delay(RunContext.Jittered(delay), time, cancel);
                delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
                await engine.ResetAsync();
            }
        }
    }

    private bool MayTryAgain(Exception error, long began, ref long? lostAt, ref int retries)
    {
        switch (engine.Classify(error))
        {
            case ErrorClass.ConnectionLost or ErrorClass.ReadOnly:
                // Work that went on for a while had a server: the time to find it again starts anew.
                bool worked = time.GetElapsedTime(began) > options.Reconnect;
                lostAt = lostAt is null || worked ? time.GetTimestamp() : lostAt;
                return time.GetElapsedTime(lostAt.Value) < options.Reconnect;
            case ErrorClass.Retry or ErrorClass.LockTimeout:
                return ++retries <= Retries;
            default:
                return false;
        }
    }
}
