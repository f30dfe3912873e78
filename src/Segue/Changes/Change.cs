namespace Segue.Changes;

/// <summary>What an author wants: one change file, read and validated. Contains no mechanics.</summary>
public sealed record Change
{
    /// <summary>
    /// The file's name without its extension; unique in a ledger.
    /// Up to 200 of a-z, A-Z, 0-9, '.', '_' and '-', the first a letter or digit.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The file's description; null without one.</summary>
    public string? Description { get; init; }

    /// <summary>Small tables are changed in stages, as large ones are. Default false.</summary>
    public bool Staged { get; init; }

    /// <summary>What changes, in the order of the file.</summary>
    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <summary>
    /// SHA-256 of the file's bytes with CRLF as LF, as lowercase hex. Shows whether the file changed after it was
    /// planned, and is the same for a checkout on Windows.
    /// </summary>
    public required string ContentHash { get; init; }
}
