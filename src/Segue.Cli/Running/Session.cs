using Segue.Cli.Connections;
using Segue.Engines;
using Segue.Running;

namespace Segue.Cli.Running;

/// <summary>What a verb works with once the settings are read and the database is reached.</summary>
internal sealed record Session
{
    public required Host Host { get; init; }

    public required Reporter Report { get; init; }

    public required Project Project { get; init; }

    public required IEngine Engine { get; init; }

    public required DatabaseTarget Target { get; init; }

    public required RunOptions RunOptions { get; init; }

    public Hints Hints => Project.Hints;

    public PlanOptions PlanOptions => Project.Settings.Plan;
}
