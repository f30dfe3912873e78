namespace Segue.Running;

/// <summary>
/// Calls a function for each event: in order, one at a time, usually on the thread where it happens;
/// <see cref="Progress{T}"/> keeps neither. The run waits for the function, so it should be short. If it throws, that
/// event is lost, the error goes to <see cref="System.Diagnostics.Trace"/>, and the run goes on.
/// </summary>
/// <param name="handle">What to do with an event.</param>
public sealed class RunEvents(Action<RunEvent> handle) : IProgress<RunEvent>
{
    /// <inheritdoc/>
    public void Report(RunEvent value) => handle(value);
}
