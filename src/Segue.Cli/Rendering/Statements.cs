using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The statements of a step that are run as they stand.</summary>
internal static class Statements
{
    public static IEnumerable<string> Of(Step step) =>
        step switch
        {
            DdlStep ddl => [.. ddl.PatientLocks, .. ddl.Locks, .. ddl.Statements],
            OnlineStep online => [online.Statement],
            _ => [],
        };
}
