using Segue.Changes;
using Segue.Engines;

namespace Segue.Execution;

/// <summary>What an apply is asked to do.</summary>
/// <param name="Shown">The plan that was shown; null where the change is planned under the lease.</param>
internal sealed record Wanted(Change Change, PlanOptions Planning, ApplyRequest Request, PlannedChange? Shown);
