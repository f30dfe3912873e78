using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Projects;

/// <summary>A change file and the change that was read from it.</summary>
/// <param name="File">The file.</param>
/// <param name="Change">What it says.</param>
public sealed record ChangeEntry(ChangeFile File, Change Change);
