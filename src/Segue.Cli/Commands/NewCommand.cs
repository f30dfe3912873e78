using System.CommandLine;

namespace Segue.Cli.Commands;

/// <summary><c>segue new KIND ...</c>: writes a change file.</summary>
internal static class NewCommand
{
    public static Command Create(Host host) =>
        SegueCommand.WithHelp(
            new Command("new", "Writes a change file. Needs no database.") { NewAddColumnCommand.Create(host) }
        );
}
