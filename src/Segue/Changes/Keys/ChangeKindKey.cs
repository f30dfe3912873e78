using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>A key of a kind of operation.</summary>
public sealed record ChangeKindKey
{
    /// <summary>As a change file names it.</summary>
    public required string Name { get; init; }

    /// <summary>What it means, for a person who writes the file.</summary>
    public required string Description { get; init; }

    /// <summary>A change file must have it.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>A template sets it, unless other optional keys are given.</summary>
    public required bool IsTypical { get; init; }

    /// <summary>How its value is given where no YAML is written.</summary>
    public required KeyForm Form { get; init; }

    /// <summary>A value, in <see cref="Form"/>.</summary>
    public required string Example { get; init; }
}
