using System.Diagnostics;
using Segue.Planning;

namespace Segue.Execution;

/// <summary>What can be done after a run, by how it ended.</summary>
internal static class WhatNext
{
    /// <param name="again">The verb that ran: doing it again resumes.</param>
    /// <param name="change">The change that it ran for.</param>
    public static RunOutcome Added(RunOutcome outcome, NextVerb again, string change)
    {
        NextAction resume = new(again, change);
        NextAction back = NextAction.Rollback(change);
        return outcome switch
        {
            RunOutcome.Completed or RunOutcome.RolledBack or RunOutcome.Purged => outcome,
            RunOutcome.TakenOver or RunOutcome.Forgotten => outcome,
            RunOutcome.Invalid invalid => outcome with { Next = Of(invalid.Problems) },
            RunOutcome.Refused refused => outcome with { Next = Of(refused.Problems) },
            RunOutcome.WaitingAtGate => outcome with { Next = [NextAction.Complete(change), back] },
            RunOutcome.StoppedAfter => outcome with { Next = [NextAction.Apply(change), back] },
            RunOutcome.LockNotObtained or RunOutcome.AnotherRunner or RunOutcome.Failed { CanGoBack: false } =>
                outcome with
                {
                    Next = [resume],
                },
            RunOutcome.Failed or RunOutcome.Interrupted => outcome with
            {
                Next = again is NextVerb.Rollback or NextVerb.Purge ? [resume] : [resume, back],
            },
            _ => throw new UnreachableException($"{outcome.GetType()}"),
        };
    }

    private static NextAction[] Of(IReadOnlyList<Engines.Problem> problems) =>
        [.. problems.SelectMany(problem => problem.Next).Distinct()];
}
