using Segue.Engines;
using Segue.Projects;
using Spectre.Console;

namespace Segue.Cli.Hosting;

/// <summary>What a command gets from its process.</summary>
internal sealed record Host
{
    /// <summary>Results.</summary>
    public required IAnsiConsole Out { get; init; }

    /// <summary>Progress, questions and errors.</summary>
    public required IAnsiConsole Error { get; init; }

    /// <summary>The width of the terminal that <see cref="Out"/> is; unlimited where it is none.</summary>
    public int OutColumns { get; init; } = Sheet.Unlimited;

    /// <summary>The same of <see cref="Error"/>.</summary>
    public int ErrorColumns { get; init; } = Sheet.Unlimited;

    /// <summary>True when <see cref="Error"/> is a terminal that can redraw.</summary>
    public bool IsLive { get; init; }

    /// <summary>Asks a person a yes/no question; null if there is none.</summary>
    public Func<string, CancellationToken, Task<bool>>? Confirm { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The working directory.</summary>
    public required string Directory { get; init; }

    public required TimeProvider Time { get; init; }

    public required Func<ConnectRequest, CancellationToken, Task<Result<IEngine>>> Connect { get; init; }
}
