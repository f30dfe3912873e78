using Segue.Ledger;
using Segue.Planning;

namespace Segue.Engines;

/// <summary>Statements outside a transaction that take long and block no app.</summary>
public interface IOnlineStatements
{
    /// <summary>Runs the statement to its end and reports its progress; ends it on cancellation.</summary>
    /// <exception cref="LeaseLostException">Another runner has taken over; the statement was not started.</exception>
    Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel);

    /// <summary>True while a session (of a dead runner, for example) still runs exactly this statement.</summary>
    Task<bool> IsRunningAsync(string statement, CancellationToken cancel);

    /// <summary>Cancels that session's statement; does nothing if there is none.</summary>
    Task CancelAsync(string statement, CancellationToken cancel);
}

/// <summary>A statement of a plan, run under a lease.</summary>
public sealed record OnlineCall(Plan Plan, string Statement, Lease Lease);

/// <summary>How a running statement is watched.</summary>
/// <param name="ProgressQuery">From <see cref="OnlineStep.Progress"/>.</param>
public sealed record OnlineWatch(string? ProgressQuery, Action<OnlineProgress> Report);

/// <param name="Done">Units done; null if the server does not report them.</param>
/// <param name="WaitsFor">The sessions the statement waits for, in words.</param>
public sealed record OnlineProgress(string Phase, long? Done, long? Total, string? WaitsFor);
