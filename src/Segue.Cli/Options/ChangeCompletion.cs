using System.CommandLine.Completions;
using Segue.Changes.Files;
using Segue.Settings;

namespace Segue.Cli.Options;

/// <summary>Names of changes, for a shell that completes a line: those of the files, without a database.</summary>
internal static class ChangeCompletion
{
    public static IEnumerable<string> Names(CompletionContext context)
    {
        try
        {
            string directory = context.ParseResult.GetValue(CommonOptions.Changes) ?? Configured();
            return new ChangeDirectory(directory).List() is ChangeListing.Listed listed
                ? listed.Files.Select(file => file.Name).Order(StringComparer.Ordinal)
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // A shell shows no errors while one types.
            return [];
        }
    }

    private static string Configured() =>
        SettingsFile.Find(Environment.CurrentDirectory) is { } path
        && SettingsFile.ReadFile(path) is SettingsResult.Read { Settings: var settings }
            ? settings.Changes
            : SegueSettings.Default.Changes;
}
