using System.CommandLine.Completions;
using Segue.Projects;

namespace Segue.Cli.Options;

/// <summary>Names of changes, for a shell that completes a line: those of the files, without a database.</summary>
internal static class ChangeCompletion
{
    public static IEnumerable<string> Names(CompletionContext context)
    {
        try
        {
            string? given = context.ParseResult.GetValue(CommonOptions.Changes);
            return SegueProject
                .Open(Environment.CurrentDirectory, settings => settings with { Changes = given ?? settings.Changes })
                .Match(project => project.List(), failure => failure)
                .Match<IEnumerable<string>>(
                    files => files.Select(file => file.Name).Order(StringComparer.Ordinal),
                    _ => []
                );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // A shell shows no errors while one types.
            return [];
        }
    }
}
