using Segue.Yaml;

namespace Segue.Settings;

/// <summary>Result of reading a <c>segue.yaml</c>.</summary>
internal abstract record SettingsResult
{
    private SettingsResult() { }

    /// <summary>The file is valid.</summary>
    public sealed record Read(SegueSettings Settings) : SettingsResult;

    /// <summary>All mistakes found, in the order of the file; at least one.</summary>
    public sealed record Invalid(IReadOnlyList<FileError> Errors) : SettingsResult;
}
