using Segue.Planning;

namespace Segue.Execution;

/// <summary>Checks that the plan that runs is the approved one.</summary>
internal static class Approval
{
    /// <summary>Null where the plan has the approved hash, or none was named.</summary>
    public static RunOutcome.Refused? OfHash(PlannedChange shown, ApplyRequest request) =>
        request.ApprovedHash is not { } approved || shown.Hash == approved
            ? null
            : RunOutcome.Refused.For(
                shown.Change.Name,
                $"the plan for this database has the hash {shown.Hash}, not the approved {approved}.",
                "Check that plan and approve it.",
                NextAction.Plan(shown.Change.Name)
            );

    /// <summary>Null where the plan has the approved shape, or none was named.</summary>
    public static RunOutcome.Refused? OfShape(Plan plan, ApplyRequest request)
    {
        if (request.ApprovedShape is not { } approved)
        {
            return null;
        }

        string? shape = PlanShape.HashOf(plan);
        if (shape is null)
        {
            return RunOutcome.Refused.For(
                plan.Change,
                $"an older Segue planned it (plan format {plan.Format}), and its plan does not hold a shape.",
                $"Approve it by its plan hash: {PlanJson.Hash(plan)}.",
                NextAction.Plan(plan.Change)
            );
        }

        return shape == approved
            ? null
            : RunOutcome.Refused.For(
                plan.Change,
                $"the plan for this database has the shape {shape}, not the approved {approved}.",
                "Compare the two plans, then approve this one or bring the database into line.",
                NextAction.Plan(plan.Change)
            );
    }
}
