using Segue.Changes;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Planning.Assembly;

/// <summary>What changes in progress mean for one that is being planned.</summary>
internal static class OtherChanges
{
    /// <summary>One problem per change.</summary>
    public static IEnumerable<Problem> Meeting(PlanDraft draft, IEnumerable<OtherChange> others) =>
        others.Where(other => other.IsInProgress).Select(other => Meeting(draft, other)).OfType<Problem>();

    private static Problem? Meeting(PlanDraft draft, OtherChange other) =>
        other.Plan is not { } plan
            ? new Problem(
                draft.Change.Name,
                $"the change {other.Name} is not finished, and its plan cannot be read: a newer Segue stored it, or it "
                    + "was altered. Segue cannot tell which objects it works on.",
                $"Complete or roll back {other.Name} with the Segue that planned it; then apply this one."
            )
        : Using(draft, other) is { } moved
            ? Told(
                other,
                moved.By.Title,
                $"the change {other.Name} is in progress on {moved.Relation}, and uses it by that name.",
                $"Complete or roll back {other.Name} first."
            )
        : Shared(draft, plan) is { } claim
            ? Told(
                other,
                draft.Change.Name,
                $"the change {other.Name} is not finished and works on the same object: {claim}.",
                $"Complete or roll back {other.Name} first; then apply this one."
            )
        : null;

    /// <summary>What the draft moves or drops, and the other change uses.</summary>
    private static (string Relation, Operation By)? Using(PlanDraft draft, OtherChange other) =>
        draft
            .Moved.Where(each => other.MayUse(each.Relation))
            .Select(each => ((string, Operation)?)each)
            .FirstOrDefault();

    /// <summary>
    /// The rollback of a change that waits at its gate restores the state it found, and would overwrite what another
    /// change altered meanwhile.
    /// </summary>
    private static Claim? Shared(PlanDraft draft, Plan plan) =>
        plan.Claims.Intersect(draft.Claims).OrderBy(claim => claim.ToString(), StringComparer.Ordinal).FirstOrDefault();

    private static Problem Told(OtherChange other, string where, string what, string remedy) =>
        new(where, what, remedy) { Next = [NextAction.Complete(other.Name), NextAction.Rollback(other.Name)] };
}
