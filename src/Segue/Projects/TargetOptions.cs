using Segue.Ledger;
using Segue.Running;

namespace Segue.Projects;

/// <summary>How a program uses a database.</summary>
public sealed record TargetOptions
{
    /// <summary>
    /// The runner's name, for others that find the lease taken. Default: user, machine and process, e.g.
    /// <c>deploy@build-7, process 4711</c>.
    /// </summary>
    public string Runner { get; init; } =
        $"{Environment.UserName}@{Environment.MachineName}, process {Environment.ProcessId}";

    /// <summary>Who acts where a call names nobody. Default null: the runner.</summary>
    public Actor? Actor { get; init; }

    /// <summary>Reads an environment variable. Default: the process's own.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How long the lease is valid without a heartbeat. 1 s to 1 h; default 15 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of its range.</exception>
    public TimeSpan LeaseTime
    {
        get;
        init => field = RunOptions.LeaseTimeBounds.Check(value);
    } = TimeSpan.FromSeconds(15);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How the argument that names the database is called in messages. Default <c>database</c>.</summary>
    public string Argument { get; init; } = "database";
}
