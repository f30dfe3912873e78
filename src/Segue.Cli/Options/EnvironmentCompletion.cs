using System.CommandLine.Completions;
using Segue.Settings;

namespace Segue.Cli.Options;

/// <summary>Names of environments, for a shell that completes a line.</summary>
internal static class EnvironmentCompletion
{
    public static IEnumerable<string> Names(CompletionContext context)
    {
        try
        {
            return
                SettingsFile.Find(Environment.CurrentDirectory) is { } path
                && SettingsFile.ReadFile(path) is SettingsResult.Read { Settings: var settings }
                ? settings.Environments.Keys.Order(StringComparer.Ordinal)
                : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A shell shows no errors while one types.
            return [];
        }
    }
}
