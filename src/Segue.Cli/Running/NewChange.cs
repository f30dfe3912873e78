using System.Text.Json.Nodes;
using Segue.Changes;
using Segue.Changes.Files;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>Writes a change file; the reader validates it first.</summary>
internal sealed class NewChange(SegueProject project, Hints hints, Reporter report)
{
    /// <param name="name">Null: the next number and <paramref name="slug"/>.</param>
    public ExitCode Write(string? name, string slug, string? description, Operation operation)
    {
        ChangeDirectory directory = project.Changes;
        if (name is not null && Path.GetFileName(name) != name)
        {
            return report.Fail(
                Failure.BadInput(
                    "--name",
                    $"\"{name}\" is a path.",
                    $"Give only the change's name; its file goes to {ShownPath.Of(directory.Path)}."
                )
            );
        }

        string path = Path.Combine(directory.Path, $"{name ?? directory.NextName(slug)}.yaml");
        string text = ChangeTemplate.Write(description, operation);
        if (ChangeFileReader.ReadText(path, text) is ChangeFileResult.Invalid invalid)
        {
            return report.Fail(Refusal(invalid));
        }

        PrepareDirectory(directory, report: null);
        try
        {
            using FileStream file = new(path, FileMode.CreateNew);
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        catch (IOException) when (File.Exists(path))
        {
            return report.Fail(
                Failure.BadInput(ShownPath.Of(path), "the file exists already.", "Give another --name.")
            );
        }

        Tell(path);
        return ExitCode.Done;
    }

    /// <summary>Without line and column: they would point into a file that does not exist.</summary>
    public static Failure Refusal(ChangeFileResult.Invalid invalid) =>
        Failure.BadFile([.. invalid.Errors.Select(error => error with { File = "the change", Line = 0 })]);

    /// <summary>Creates the directory with its schema file, which the first line of each change file names.</summary>
    public static void PrepareDirectory(ChangeDirectory directory, Reporter? report)
    {
        string schema = Path.Combine(directory.Path, ChangeSchema.FileName);
        if (!File.Exists(schema) || File.ReadAllText(schema) != ChangeSchema.Text)
        {
            Directory.CreateDirectory(directory.Path);
            File.WriteAllText(schema, ChangeSchema.Text);
            report?.Results.Line($"wrote {ShownPath.Of(schema)}");
        }
    }

    private void Tell(string path)
    {
        string change = Path.GetFileNameWithoutExtension(path);
        if (report.IsJson)
        {
            report.Document(new JsonObject { ["change"] = change, ["file"] = ShownPath.Of(path) });
            return;
        }

        report.Results.Line($"wrote {ShownPath.Of(path)}");
        report.Results.Field(2, "next", hints.Plan(change), Ink.Code);
    }
}
