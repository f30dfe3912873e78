using System.Runtime.InteropServices;

namespace Segue.Cli;

/// <summary>Turns Ctrl-C and SIGTERM into cancellation; the second one ends the process at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;

    // The runtime keeps ignoring a signal that was ignored when the process began, and so do we: a program that a
    // script starts in the background, or with nohup, should not end with the terminal. SIGTERM always ends it.
    public Signals() =>
        _registrations = [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, On),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, On),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, On),
        ];

    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void On(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            // It rolls back whatever runs on the server: a batch and its cursor are one transaction.
            Environment.Exit((int)ExitCode.Interrupted);
        }

        _stop.Cancel();
    }
}
