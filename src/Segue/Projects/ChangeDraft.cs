using Segue.Changes;
using Segue.Changes.Keys;

namespace Segue.Projects;

/// <summary>An operation made from the values of a few keys.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Examples">Keys that have an example's value: somebody must replace it before it is applied.</param>
public sealed record ChangeDraft(Operation Operation, IReadOnlyList<ChangeKindKey> Examples);
