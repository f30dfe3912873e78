using System.Diagnostics;

namespace Segue.Running;

/// <summary>
/// Delivers a runner's events to its listener: one at a time, in order, whatever thread they come from. An event that
/// comes while another thread delivers is left to that thread, so that a heartbeat never waits for a slow listener. A
/// listener that throws ends nothing.
/// </summary>
internal sealed class EventDelivery(Action<RunEvent> listener, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<RunEvent> _waiting = [];
    private bool _isDelivering;

    /// <summary>Receives the events of the work on a change.</summary>
    public Action<RunEvent> About(string change) => happened => Deliver(happened, change);

    private void Deliver(RunEvent happened, string change)
    {
        lock (_lock)
        {
            _waiting.Enqueue(happened with { Change = change, At = time.GetUtcNow() });
            if (_isDelivering)
            {
                return;
            }

            _isDelivering = true;
        }

        while (Next() is { } next)
        {
            try
            {
                listener(next);
            }
            catch (Exception error)
            {
                Trace.TraceError($"The listener of Segue's events threw on {next.GetType().Name}: {error}");
            }
        }
    }

    private RunEvent? Next()
    {
        lock (_lock)
        {
            _isDelivering = _waiting.TryDequeue(out RunEvent? next);
            return next;
        }
    }
}
