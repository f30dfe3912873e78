using Segue.Engines;
using Segue.Running;

namespace Segue.Execution;

/// <summary>
/// Runs work that asks the catalog or the ledger for its position before it acts. Such work may be entered again after
/// a lost connection, a failover, or a rollback of our own transaction.
/// </summary>
internal sealed class Reconnection(IExecution execution, RunOptions options, TimeProvider time, Action<RunEvent> emit)
{
    private const int Retries = 20;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// No attempt to connect takes longer: work that took longer had a server, and made progress on it.
    /// </summary>
    private static readonly TimeSpan Progress = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The same for work that ended because the server did not answer any more: most of the time it may have waited for
    /// an answer.
    /// </summary>
    private static readonly TimeSpan ProgressBeforeSilence = TimeSpan.FromMinutes(4);

    private int _retries;
    private long? _lostAt;
    private TimeSpan _delay = FirstDelay;

    public async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        while (true)
        {
            long began = time.GetTimestamp();
            try
            {
                return await work();
            }
            catch (Exception error) when (!cancel.IsCancellationRequested && MayTryAgain(error, began))
            {
                emit(new RunEvent.Note($"{execution.Describe(error)} Trying again in {Plain.Duration(_delay)}."));
                await Task.Delay(RunContext.Jittered(_delay), time, cancel);
                _delay = _delay * 2 < LongestDelay ? _delay * 2 : LongestDelay;
                await execution.ResetAsync();
            }
        }
    }

    private bool MayTryAgain(Exception error, long began)
    {
        if (
            time.GetElapsedTime(began)
            > (error is TimeoutException or { InnerException: TimeoutException } ? ProgressBeforeSilence : Progress)
        )
        {
            (_retries, _lostAt, _delay) = (0, null, FirstDelay);
        }

        switch (execution.Classify(error))
        {
            case ErrorClass.ConnectionLost or ErrorClass.ReadOnly:
                _lostAt ??= time.GetTimestamp();
                return time.GetElapsedTime(_lostAt.Value) < options.Reconnect;
            case ErrorClass.Retry or ErrorClass.LockTimeout:
                return ++_retries <= Retries;
            default:
                return false;
        }
    }
}
