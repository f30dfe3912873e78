using Segue.Changes.Keys;
using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Writes change files.</summary>
internal static class ChangeFileWriter
{
    /// <summary>
    /// A change file's text; <see cref="ChangeFileReader"/> reads the same operations from it. Keys with their default
    /// value are left out. This does not validate; the reader does.
    /// </summary>
    /// <param name="description">Null: none.</param>
    /// <param name="operations">In order.</param>
    /// <param name="schema">Where an editor finds <see cref="ChangeSchema"/>: a URL, or a path relative to the
    /// file.</param>
    public static string Write(
        string? description,
        IReadOnlyList<Operation> operations,
        string schema = $"./{ChangeSchema.FileName}"
    ) =>
        "# yaml-language-server: "
        + $"$schema={schema}\n{NodeText.Of(ChangeKeys.Value.Write(new ChangeContent(description, operations)))}";

    /// <summary>One operation as it stands in a change file.</summary>
    public static string Text(Operation operation) => NodeText.Of(OperationsValue.Instance.Write([operation]));
}
