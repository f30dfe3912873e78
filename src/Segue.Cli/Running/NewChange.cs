using System.Text.Json.Nodes;
using Segue.Changes;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Writes a change file, and reports its path and the next command.</summary>
internal sealed class NewChange(SegueProject project, Hints hints, Reporter report)
{
    /// <param name="name">Null: the next number and <paramref name="slug"/>.</param>
    public ExitCode Write(string? name, string slug, string? description, Operation operation) =>
        project
            .Write(operation, slug, name, description)
            .Match(
                entry =>
                {
                    Tell(entry);
                    return ExitCode.Done;
                },
                report.Fail
            );

    private void Tell(ChangeEntry entry)
    {
        string file = ShownPath.Of(entry.File.Path);
        if (report.IsJson)
        {
            report.Document(new JsonObject { ["change"] = entry.Change.Name, ["file"] = file });
            return;
        }

        report.Results.Line($"wrote {file}");
        report.Results.Field(2, "next", hints.Plan(entry.Change.Name), Ink.Code);
    }
}
