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
}
