namespace Segue.Cli.Status;

/// <summary>What is odd about a change's file, given what the ledger says of the change.</summary>
internal sealed record FileNote(string Change, FileNoteKind Kind, string What, string Remedy)
{
    public override string ToString() => $"{char.ToUpperInvariant(What[0])}{What[1..]} {Remedy}";
}

internal enum FileNoteKind
{
    /// <summary>The file cannot be read as a change.</summary>
    Invalid,

    /// <summary>The file was edited after the change was begun or completed.</summary>
    Edited,

    /// <summary>The change is not finished, and the file is gone.</summary>
    Gone,

    /// <summary>The change is not begun, and later ones are.</summary>
    Late,
}
