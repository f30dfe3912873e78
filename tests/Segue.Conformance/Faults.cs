namespace Segue.Conformance;

/// <summary>What happens at one call of a run.</summary>
public enum Fault
{
    /// <summary>The process dies when the call has taken effect; it never learns of that.</summary>
    Death,

    /// <summary>
    /// The connection is lost when the call has taken effect, so that its outcome is unknown, as of a COMMIT.
    /// </summary>
    Unknown,

    /// <summary>All of Segue's sessions are ended by the server just before the call.</summary>
    SessionsKilled,

    /// <summary>The server has no room to do it.</summary>
    DiskFull,
}

/// <summary>
/// Counts the calls of a run to its engine and lets one of them go wrong. A death after a call that only reads leaves
/// what the death after
/// the write before it leaves: for faults that are about effects only writes count.
/// </summary>
public sealed class Faults(int at, Fault fault, IFaultyServer server)
{
    private int _calls;
    private volatile bool _dead;

    /// <summary>The call at which it went wrong; null while it did not.</summary>
    public string? Struck { get; private set; }

    public Task<T> ReadAsync<T>(string call, Func<Task<T>> read) =>
        PassAsync(call, counts: fault == Fault.SessionsKilled, read);

    public Task WriteAsync(string call, Func<Task> write) =>
        WriteAsync(
            call,
            async () =>
            {
                await write();
                return true;
            }
        );

    public Task<T> WriteAsync<T>(string call, Func<Task<T>> write) => PassAsync(call, counts: true, write);

    private async Task<T> PassAsync<T>(string call, bool counts, Func<Task<T>> pass)
    {
        ObjectDisposedException.ThrowIf(_dead, typeof(Faults));
        bool strikes = counts && Interlocked.Increment(ref _calls) == at;
        if (strikes)
        {
            Struck = call;
        }

        if (strikes && fault == Fault.SessionsKilled)
        {
            await server.EndSessionsAsync();
        }

        if (strikes && fault == Fault.DiskFull)
        {
            throw server.NoRoom();
        }

        T answer = await pass();
        _dead |= strikes && fault == Fault.Death;
        ObjectDisposedException.ThrowIf(_dead, typeof(Faults));
        return strikes && fault == Fault.Unknown ? throw server.ConnectionLost() : answer;
    }
}
