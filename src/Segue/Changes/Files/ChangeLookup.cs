using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Result of a lookup by name.</summary>
internal abstract record ChangeLookup
{
    private ChangeLookup() { }

    /// <summary>There is one.</summary>
    public sealed record Found(ChangeFile File) : ChangeLookup;

    /// <summary>None, or more than one, or no such directory.</summary>
    public sealed record NotFound(FileError Error) : ChangeLookup;
}
