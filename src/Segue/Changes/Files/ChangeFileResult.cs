using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>What came of reading a change file.</summary>
public abstract record ChangeFileResult
{
    private ChangeFileResult() { }

    /// <summary>The file is well formed; whether its names and expressions exist is for the server to say.</summary>
    public sealed record Read(Change Change) : ChangeFileResult;

    /// <summary>All mistakes found, in the order of the file; at least one.</summary>
    public sealed record Invalid(IReadOnlyList<FileError> Errors) : ChangeFileResult;
}
