using System.Diagnostics;
using Segue.Execution;
using Segue.Projects;

namespace Segue.Cli.Hosting;

/// <summary>The exit code of the process.</summary>
internal enum ExitCode
{
    /// <summary>Done, or waiting at a gate.</summary>
    Done = 0,

    /// <summary>Failed; running again resumes.</summary>
    Failed = 1,

    /// <summary>Bad usage, settings or change file; nothing was changed.</summary>
    BadInput = 2,

    /// <summary>Refused as unsafe.</summary>
    Refused = 3,

    /// <summary>A lock was not obtained in the time allowed; nothing was changed.</summary>
    LockNotObtained = 4,

    /// <summary>Another runner is active, or took over.</summary>
    AnotherRunner = 5,

    /// <summary>Stopped by a person or the system; running again resumes.</summary>
    Interrupted = 130,
}

internal static class ExitCodes
{
    public static ExitCode Of(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Completed
            or RunOutcome.RolledBack
            or RunOutcome.Purged
            or RunOutcome.WaitingAtGate
            or RunOutcome.StoppedAfter => ExitCode.Done,
            RunOutcome.Invalid => ExitCode.BadInput,
            RunOutcome.Refused => ExitCode.Refused,
            RunOutcome.LockNotObtained => ExitCode.LockNotObtained,
            RunOutcome.AnotherRunner or RunOutcome.TakenOver => ExitCode.AnotherRunner,
            RunOutcome.Interrupted => ExitCode.Interrupted,
            RunOutcome.Failed or RunOutcome.Forgotten => ExitCode.Failed,
            _ => throw new UnreachableException($"{outcome.GetType()}"),
        };

    public static ExitCode Of(FailureKind kind) =>
        kind switch
        {
            FailureKind.BadInput => ExitCode.BadInput,
            FailureKind.Refused => ExitCode.Refused,
            FailureKind.LockNotObtained => ExitCode.LockNotObtained,
            FailureKind.AnotherRunner => ExitCode.AnotherRunner,
            FailureKind.Interrupted => ExitCode.Interrupted,
            FailureKind.Failed => ExitCode.Failed,
            _ => throw new UnreachableException($"{kind}"),
        };
}
