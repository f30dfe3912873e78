using Segue.Changes;
using Segue.Engines;
using Segue.Execution;
using Segue.Projects;

namespace Segue.Conformance;

/// <summary>Plans a change as a person sees it, and applies that plan: no other way leads to a run.</summary>
public static class ShownPlans
{
    /// <param name="runner">Whose run it is.</param>
    /// <param name="engine">Plans; the engine of the run may be one on which calls go wrong.</param>
    /// <param name="change">What to apply.</param>
    /// <param name="planning">How it is planned.</param>
    /// <param name="request">What is approved, and how far to go.</param>
    /// <param name="cancel">Interrupts the run.</param>
    internal static async Task<RunOutcome> ApplyAsync(
        this Runner runner,
        IEngine engine,
        Change change,
        PlanOptions planning,
        ApplyRequest request,
        CancellationToken cancel = default
    ) =>
        await (await new ChangePlanner(engine, planning).PlanAsync(change, file: null, CancellationToken.None)).Match(
            shown => runner.ApplyAsync(shown, request with { MayStage = true }, cancel),
            failure => Task.FromResult(OutcomeOf(failure))
        );

    /// <summary>A change that cannot be planned ends as its run would.</summary>
    public static RunOutcome OutcomeOf(Failure failure) =>
        failure.Kind switch
        {
            FailureKind.BadInput => new RunOutcome.Invalid(failure.Problems),
            FailureKind.Refused => new RunOutcome.Refused(failure.Problems),
            _ => new RunOutcome.Failed(failure.ToString()),
        };
}
