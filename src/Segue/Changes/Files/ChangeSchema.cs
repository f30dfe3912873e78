using Segue.Changes.Keys;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>
/// The JSON Schema (draft 2020-12) of change files, for editors: made from the keys the reader knows.
/// </summary>
public static class ChangeSchema
{
    /// <summary>The file that <see cref="ChangeFileWriter"/>'s first line names, beside the change files.</summary>
    public const string FileName = "segue.schema.json";

    /// <summary>The JSON Schema (draft 2020-12) of a change file, for editors.</summary>
    public static string Text { get; } = SchemaText.Of("Segue change file", ChangeKeys.Value.Schema());
}
