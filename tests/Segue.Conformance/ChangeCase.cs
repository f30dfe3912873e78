namespace Segue.Conformance;

/// <summary>A change, and what it comes to.</summary>
public sealed record ChangeCase
{
    /// <summary>What is special about it, in words.</summary>
    public required string Name { get; init; }

    /// <summary>The statements that make the tables before the change.</summary>
    public required string Setup { get; init; }

    /// <summary>The change file's text.</summary>
    public required string File { get; init; }

    /// <summary>The blocking statements somebody without Segue would run in a maintenance window.</summary>
    public required string Plain { get; init; }

    /// <summary>False when values differ from run to run.</summary>
    public bool ComparesRows { get; init; } = true;

    /// <summary>
    /// True when the tables' own triggers leave traces of each fill, which a rollback rightly keeps: it is then run
    /// once only.
    /// </summary>
    public bool LeavesTraces { get; init; }

    /// <summary>
    /// True when a rollback gives back the schema, and leaves what was filled into columns that were there before.
    /// </summary>
    public bool KeepsWhatItFilled { get; init; }

    /// <summary>A boolean query that holds in the end; null for none.</summary>
    public string? Holds { get; init; }

    /// <summary>The first major version of the server that can do it.</summary>
    public int FirstVersion { get; init; }

    /// <summary>The last major version the case is about.</summary>
    public int LastVersion { get; init; } = int.MaxValue;

    public override string ToString() => Name;
}
