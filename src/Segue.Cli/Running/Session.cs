using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>The tools of a verb once the settings are read and the database is connected.</summary>
internal sealed record Session
{
    public required Host Host { get; init; }

    public required Reporter Report { get; init; }

    public required Hints Hints { get; init; }

    public required SegueTarget Target { get; init; }

    public SegueProject Project => Target.Project;

    /// <summary>Runs with the change that a name, or the beginning of one, means; reports if there is none.</summary>
    public async Task<ExitCode> WithChangeAsync(
        string wanted,
        Func<string, Task<ExitCode>> run,
        CancellationToken cancel
    ) => await (await Target.ResolveAsync(wanted, cancel)).Match(run, failure => Task.FromResult(Report.Fail(failure)));
}
