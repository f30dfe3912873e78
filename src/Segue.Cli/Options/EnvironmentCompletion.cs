using System.CommandLine.Completions;
using Segue.Projects;

namespace Segue.Cli.Options;

/// <summary>Names of environments, for a shell that completes a line.</summary>
internal static class EnvironmentCompletion
{
    public static IEnumerable<string> Names(CompletionContext context)
    {
        try
        {
            return SegueProject
                .Open(Environment.CurrentDirectory)
                .Match<IEnumerable<string>>(
                    project => project.Settings.Environments.Keys.Order(StringComparer.Ordinal),
                    _ => []
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A shell shows no errors while one types.
            return [];
        }
    }
}
