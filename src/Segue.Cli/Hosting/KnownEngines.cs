using Segue.PostgreSql;
using Segue.Projects;

namespace Segue.Cli.Hosting;

/// <summary>The one place that knows engines by name.</summary>
internal static class KnownEngines
{
    public static EngineRegistry All { get; } = new(new PostgresProvider());
}
