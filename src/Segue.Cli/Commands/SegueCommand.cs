using System.CommandLine;
using System.CommandLine.Help;

namespace Segue.Cli.Commands;

/// <summary>The command line: every verb, one file each.</summary>
internal static class SegueCommand
{
    public static RootCommand Create(Host host)
    {
        RootCommand root = new("Takes a schema change live in a production database without downtime.")
        {
            HelpName = "segue",
        };
        // The parser's own also answers to /? and /h, which a shell would offer.
        root.Options.Remove(root.Options.OfType<HelpOption>().Single());
        root.Add(Verb.Help());
        foreach (Command verb in Verbs(host))
        {
            root.Add(verb);
        }

        return WithHelp(root);
    }

    /// <summary>A command that only has subcommands shows its help, and reports that a subcommand is missing.</summary>
    public static T WithHelp<T>(T command)
        where T : Command
    {
        command.SetAction(parse =>
        {
            new HelpAction().Invoke(parse);
            return (int)ExitCode.BadInput;
        });
        return command;
    }

    private static IEnumerable<Command> Verbs(Host host) =>
        [
            DemoCommand.Create(host),
            InitCommand.Create(host),
            NewCommand.Create(host),
            ValidateCommand.Create(host),
            PlanCommand.Create(host),
            ApplyCommand.Create(host),
            CompleteCommand.Create(host),
            RollbackCommand.Create(host),
            PurgeCommand.Create(host),
            StatusCommand.Create(host),
            HistoryCommand.Create(host),
            ReportCommand.Create(host),
            PauseCommand.Create(host),
            ResumeCommand.Create(host),
            DoctorCommand.Create(host),
            ExplainCommand.Create(host),
            SchemaCommand.Create(host),
            CompletionCommand.Create(host),
        ];
}
