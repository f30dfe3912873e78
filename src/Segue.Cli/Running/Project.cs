using System.CommandLine;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Opens the project of the working directory, options of the command line laid over its settings.</summary>
internal static class Project
{
    public static Result<SegueProject> Open(Host host, ParseResult parse) =>
        SegueProject.Open(
            host.Directory,
            settings =>
            {
                string? given = parse.GetValue(CommonOptions.Changes);
                return LimitOptions.Over(settings, parse) with
                {
                    Changes = given is null ? settings.Changes : Path.GetFullPath(given, host.Directory),
                };
            }
        );

    public static Hints HintsOf(ParseResult parse) =>
        new(parse.GetValue(CommonOptions.Database), parse.GetValue(CommonOptions.Changes));

    public static TargetOptions OptionsOf(Host host, ParseResult parse) =>
        new()
        {
            Actor = CommonOptions.ActorFor(parse.GetValue(CommonOptions.Reason)),
            Variable = host.Variable,
            Time = host.Time,
            Argument = CommonOptions.Database.Name,
        };
}
