namespace Segue.Running;

/// <summary>
/// Calls a function for each event, in order, on the thread where it happens; <see cref="Progress{T}"/> keeps neither.
/// The run waits for the function, which may be called from several threads, one after the other or at once.
/// </summary>
/// <param name="handle">Must not throw.</param>
public sealed class RunEvents(Action<RunEvent> handle) : IProgress<RunEvent>
{
    /// <inheritdoc/>
    public void Report(RunEvent value) => handle(value);
}
