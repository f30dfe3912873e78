using Segue.Planning;

namespace Segue.Execution;

/// <summary>Whether what was approved is what runs.</summary>
internal static class Approval
{
    /// <summary>Null where the plan has the approved shape, or none was named.</summary>
    public static RunOutcome.Refused? OfShape(Plan plan, ApplyRequest request) =>
        request.ApprovedShape is not { } approved || PlanShape.HashOf(plan) == approved
            ? null
            : RunOutcome.Refused.For(
                plan.Change,
                $"the plan for this database has the shape {PlanShape.HashOf(plan)}, not the approved {approved}.",
                "Compare the two plans, then approve this one or bring the database into line.",
                NextAction.Plan(plan.Change)
            );
}
