using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>Result of reading a change file.</summary>
public abstract record ChangeFileResult
{
    private ChangeFileResult() { }

    /// <summary>The file is well formed. Whether its names and expressions exist, only the server can decide.</summary>
    public sealed record Read(Change Change) : ChangeFileResult;

    /// <summary>All mistakes found, in the order of the file; at least one.</summary>
    public sealed record Invalid(IReadOnlyList<FileError> Errors) : ChangeFileResult;
}
