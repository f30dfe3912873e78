using Segue.Engines;
using Segue.Execution;
using Segue.Planning;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>How a run ended, as a failure in words; null if it did not fail.</summary>
internal static class Outcomes
{
    /// <param name="again">The command that resumes.</param>
    public static Failure? FailureOf(RunOutcome outcome, string change, string again, string rollback) =>
        outcome switch
        {
            RunOutcome.Invalid invalid => new Failure(FailureKind.BadInput, invalid.Problems),
            RunOutcome.Refused refused => new Failure(FailureKind.Refused, refused.Problems),
            RunOutcome.LockNotObtained locked => One(
                FailureKind.LockNotObtained,
                change,
                $"\"{locked.Step.Title}\" did not get its lock in the time allowed; it changed "
                    + $"nothing.{Blocking(locked.Blockers)}",
                $"`{again}` tries again; --lock-wait sets for how long."
            ),
            RunOutcome.AnotherRunner other => One(
                FailureKind.AnotherRunner,
                change,
                $"another runner is active: {other.Holder.Runner}, since {other.Holder.AcquiredAt:u}, "
                    + $"last seen at {other.Holder.LastHeartbeat:u}.",
                "Wait until it ends, or end that process: its lease expires a few seconds later and "
                    + "this runner can continue."
            ),
            RunOutcome.TakenOver taken => One(
                FailureKind.AnotherRunner,
                change,
                taken.Message,
                taken.Remedy,
                taken.Next
            ),
            RunOutcome.Forgotten forgotten => One(
                FailureKind.Failed,
                change,
                forgotten.Message,
                forgotten.Remedy,
                forgotten.Next
            ),
            RunOutcome.Failed { CanGoBack: false } failed => One(
                FailureKind.Failed,
                change,
                failed.Message,
                $"`{again}` resumes. The app already uses the new shape, so the change cannot be rolled back."
            ),
            RunOutcome.Failed failed => One(FailureKind.Failed, change, failed.Message, WaysOn(again, rollback)),
            RunOutcome.Interrupted => One(
                FailureKind.Interrupted,
                change,
                "interrupted; completed work is kept.",
                WaysOn(again, rollback)
            ),
            _ => null,
        };

    private static Failure One(FailureKind kind, string change, string what, string remedy, NextAction? next = null) =>
        new(kind, [new Problem(change, what, remedy) { Next = next is null ? [] : [next] }]);

    private static string WaysOn(string again, string rollback) =>
        again == rollback ? $"`{again}` continues." : $"`{again}` resumes, `{rollback}` rolls back.";

    private static string Blocking(IReadOnlyList<Blocker> blockers) =>
        blockers.Count == 0 ? "" : $" {string.Join(" ", blockers)}";
}
