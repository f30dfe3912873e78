using Npgsql;

namespace Segue.Availability.Crash;

/// <summary>What happens at one call of a run.</summary>
internal enum Fault
{
    /// <summary>The process dies when the call has taken effect; it never learns of that.</summary>
    Death,

    /// <summary>The connection is lost when the call has taken effect, so that its outcome is unknown, as of a COMMIT.</summary>
    Unknown,

    /// <summary>All of Segue's sessions are ended by the server just before the call.</summary>
    SessionsKilled,
}

/// <summary>Counts the calls of a run to its engine and lets one of them go wrong.</summary>
internal sealed class Faults(int at, Fault fault, Func<Task> killSessions)
{
    private int _calls;
    private volatile bool _dead;

    /// <summary>The call at which it went wrong; null while it did not.</summary>
    public string? Struck { get; private set; }

    public async Task<T> PassAsync<T>(string call, Func<Task<T>> pass)
    {
        ObjectDisposedException.ThrowIf(_dead, typeof(Faults));
        bool strikes = Interlocked.Increment(ref _calls) == at;
        if (strikes)
        {
            Struck = call;
        }

        if (strikes && fault == Fault.SessionsKilled)
        {
            await killSessions();
        }

        T answer = await pass();
        if (strikes && fault == Fault.Death)
        {
            _dead = true;
        }

        ObjectDisposedException.ThrowIf(_dead, typeof(Faults));
        return strikes && fault == Fault.Unknown
            ? throw new NpgsqlException("Exception while reading from stream", new IOException("Connection reset by peer"))
            : answer;
    }

    public Task PassAsync(string call, Func<Task> pass) => PassAsync(call, async () =>
    {
        await pass();
        return true;
    });
}
