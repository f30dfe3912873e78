using System.CommandLine;
using System.Diagnostics;
using Segue.Changes.Files;
using Segue.Cli.Commands;
using Segue.Settings;

namespace Segue.Cli.Running;

/// <summary>What can be known without a database.</summary>
/// <param name="Settings">Those of <c>segue.yaml</c>, options of the command line laid over them.</param>
internal sealed record Project(SegueSettings Settings, ChangeDirectory Changes, Hints Hints)
{
    public static Result<Project> Open(Host host, ParseResult parse)
    {
        SettingsResult read = SettingsFile.Find(host.Directory) is { } path
            ? SettingsFile.ReadFile(path)
            : new SettingsResult.Read(SegueSettings.Default);
        return read switch
        {
            SettingsResult.Invalid invalid => Failure.BadFile(invalid.Errors),
            SettingsResult.Read { Settings: var settings } => With(LimitOptions.Over(settings, parse), host, parse),
            var other => throw new UnreachableException($"{other.GetType()}"),
        };
    }

    private static Project With(SegueSettings settings, Host host, ParseResult parse)
    {
        string? given = parse.GetValue(CommonOptions.Changes);
        string directory = Shown(Path.GetFullPath(given ?? settings.Changes, host.Directory));
        return new Project(
            settings,
            new ChangeDirectory(directory),
            new Hints(parse.GetValue(CommonOptions.Database), given)
        );
    }

    // Messages name files as one would type them.
    private static string Shown(string path)
    {
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
