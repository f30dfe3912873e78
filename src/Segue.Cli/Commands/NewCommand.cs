using System.CommandLine;
using Segue.Changes.Keys;

namespace Segue.Cli.Commands;

/// <summary><c>segue new KIND ...</c>: writes a change file.</summary>
internal static class NewCommand
{
    public static Command Create(Host host)
    {
        Command command = new("new", "Writes a change file of any kind. Needs no database.")
        {
            NewAddColumnCommand.Create(host),
        };
        // add_column has a shorter form of its own.
        foreach (ChangeKind kind in ChangeKind.All.Where(kind => kind.Name != "add_column"))
        {
            command.Add(NewKindCommand.Create(host, kind));
        }

        return SegueCommand.WithHelp(command);
    }
}
