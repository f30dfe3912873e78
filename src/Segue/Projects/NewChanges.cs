using System.Diagnostics;
using System.Text;
using Segue.Changes;
using Segue.Changes.Files;
using Segue.Changes.Keys;

namespace Segue.Projects;

/// <summary>Writes change files; the reader validates each one first.</summary>
internal sealed class NewChanges(ChangeDirectory directory)
{
    public static Result<ChangeDraft> Draft(ChangeKind kind, IReadOnlyDictionary<string, string> given) =>
        ChangeFileReader.ReadText("change.yaml", ChangeTemplate.Draft(kind, given)) switch
        {
            ChangeFileResult.Read { Change.Operations: [var operation] } => new ChangeDraft(
                operation,
                [.. ChangeTemplate.Examples(kind, given)]
            ),
            ChangeFileResult.Invalid invalid => Refusal(invalid),
            _ => Failure.BadInput(kind.Name, "a value ends its key.", "Quote it."),
        };

    /// <returns>The path of the JSON Schema if it was written; else null.</returns>
    public string? Prepare()
    {
        string schema = Path.Combine(directory.Path, ChangeSchema.FileName);
        if (File.Exists(schema) && File.ReadAllText(schema) == ChangeSchema.Text)
        {
            return null;
        }

        Directory.CreateDirectory(directory.Path);
        File.WriteAllText(schema, ChangeSchema.Text);
        return schema;
    }

    public Result<ChangeEntry> Write(Operation operation, string slug, string? name, string? description)
    {
        if (name is not null && Path.GetFileName(name) != name)
        {
            return Failure.BadInput(
                "name",
                $"\"{name}\" is a path.",
                $"Give only the change's name; its file goes to {ShownPath.Of(directory.Path)}."
            );
        }

        string path = Path.Combine(directory.Path, $"{name ?? directory.NextName(slug)}.yaml");
        string text = ChangeTemplate.Write(description, operation);
        return ChangeFileReader.ReadText(path, text) switch
        {
            ChangeFileResult.Read read => Write(path, text, read.Change),
            ChangeFileResult.Invalid invalid => Refusal(invalid),
            var other => throw new UnreachableException($"{other.GetType()}"),
        };
    }

    private Result<ChangeEntry> Write(string path, string text, Change change)
    {
        Prepare();
        try
        {
            using FileStream file = new(path, FileMode.CreateNew);
            file.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException) when (File.Exists(path))
        {
            return Failure.BadInput(ShownPath.Of(path), "the file exists already.", "Give the change another name.");
        }

        return new ChangeEntry(ChangeFile.At(path), change);
    }

    // Without line and column: they would point into a file that does not exist.
    private static Failure Refusal(ChangeFileResult.Invalid invalid) =>
        Failure.BadFile([.. invalid.Errors.Select(error => error with { File = "the change", Line = 0 })]);
}
