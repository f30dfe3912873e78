using Segue.Engines;

namespace Segue.Planning.Assembly;

/// <summary>What unfinished changes mean for one that is being planned.</summary>
internal static class OtherChanges
{
    /// <summary>
    /// The rollback of a change that waits at its gate restores what it found, whatever another made of it meanwhile.
    /// One problem per change.
    /// </summary>
    public static IEnumerable<Problem> Meeting(PlanDraft draft, IEnumerable<Plan> unfinished)
    {
        foreach (Plan other in unfinished.OrderBy(other => other.Change, StringComparer.Ordinal))
        {
            Claim? met = other
                .Claims.Intersect(draft.Claims)
                .OrderBy(claim => claim.ToString(), StringComparer.Ordinal)
                .FirstOrDefault();
            if (met is not null)
            {
                yield return new Problem(
                    draft.Change.Name,
                    $"the change {other.Change} is not finished and works on the same object: {met}.",
                    $"Complete or roll back {other.Change} first; then apply this one."
                )
                {
                    Next = [NextAction.Complete(other.Change), NextAction.Rollback(other.Change)],
                };
            }
        }
    }
}
