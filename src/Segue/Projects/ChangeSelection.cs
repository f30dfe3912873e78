namespace Segue.Projects;

/// <summary>The changes to apply, and what is odd about files.</summary>
/// <param name="Changes">In the order in which they are to be applied.</param>
/// <param name="Notes">What the user should know before.</param>
public sealed record ChangeSelection(IReadOnlyList<ChangeEntry> Changes, IReadOnlyList<FileNote> Notes);
