using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>A change file as a look at the whole directory judges it.</summary>
/// <param name="File">The file.</param>
/// <param name="Change">Null where the file cannot be read.</param>
/// <param name="Errors">What is wrong with the file, or with its name among the others.</param>
public sealed record CheckedChange(ChangeFile File, Change? Change, IReadOnlyList<FileError> Errors)
{
    /// <summary>True where there is no error.</summary>
    public bool IsValid => Errors.Count == 0;
}
