namespace Segue.Changes.Files;

/// <summary>Name and path of a change file.</summary>
/// <param name="Name">The change's name: the file's name without extension.</param>
/// <param name="Path">The full path, where the project keeps it.</param>
public sealed record ChangeFile(string Name, string Path)
{
    internal static ChangeFile At(string path) => new(System.IO.Path.GetFileNameWithoutExtension(path), path);

    internal static bool HasExtension(string path) => System.IO.Path.GetExtension(path) is ".yaml" or ".yml";
}
