namespace Segue.Projects;

/// <summary>What is odd about a change's file.</summary>
public enum FileNoteKind
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
