using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Result of listing a directory.</summary>
internal abstract record ChangeListing
{
    private ChangeListing() { }

    /// <summary>In the order they apply; may be empty.</summary>
    public sealed record Listed(IReadOnlyList<ChangeFile> Files) : ChangeListing;

    /// <summary>No such directory, or two files of one name.</summary>
    public sealed record Invalid(FileError Error) : ChangeListing;
}
