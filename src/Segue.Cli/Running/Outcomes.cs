using System.Diagnostics;
using Segue.Engines;
using Segue.Execution;
using Segue.Projects;

namespace Segue.Cli.Running;

/// <summary>How a run ended, as a failure in words; null if it did not fail.</summary>
internal static class Outcomes
{
    public static Failure? FailureOf(RunOutcome outcome, string change)
    {
        return outcome switch
        {
            RunOutcome.Completed
            or RunOutcome.RolledBack
            or RunOutcome.Purged
            or RunOutcome.WaitingAtGate
            or RunOutcome.StoppedAfter => null,
            RunOutcome.Invalid invalid => new Failure(FailureKind.BadInput, invalid.Problems),
            RunOutcome.Refused refused => new Failure(FailureKind.Refused, refused.Problems),
            RunOutcome.LockNotObtained locked => One(
                FailureKind.LockNotObtained,
                $"\"{locked.Step.Title}\" did not get its lock in the time allowed; it changed "
                    + $"nothing.{Blocking(locked.Blockers)}",
                "Try again; --lock-wait sets for how long."
            ),
            RunOutcome.AnotherRunner other => One(
                FailureKind.AnotherRunner,
                $"another runner is active on this database{Running(other)}: {other.Holder.Runner}, since "
                    + $"{other.Holder.AcquiredAt:u}, last seen at {other.Holder.LastHeartbeat:u}. "
                    + "One change runs at a time.",
                "Wait until it ends, or end that process: its lease expires a few seconds later and "
                    + "this runner can continue."
            ),
            RunOutcome.TakenOver taken => One(FailureKind.AnotherRunner, taken.Message, taken.Remedy),
            RunOutcome.Forgotten forgotten => One(FailureKind.Failed, forgotten.Message, forgotten.Remedy),
            RunOutcome.Failed { CanGoBack: false } failed => One(
                FailureKind.Failed,
                failed.Message,
                "Resume it. The app already uses the new shape, so the change cannot be rolled back."
            ),
            RunOutcome.Failed failed => One(FailureKind.Failed, failed.Message, WaysOn(outcome)),
            RunOutcome.Interrupted => One(
                FailureKind.Interrupted,
                "interrupted; completed work is kept.",
                WaysOn(outcome)
            ),
            _ => throw new UnreachableException($"{outcome.GetType()}"),
        };

        Failure One(FailureKind kind, string what, string remedy) =>
            new(kind, [new Problem(change, what, remedy) { Next = outcome.Next }]);
    }

    private static string Running(RunOutcome.AnotherRunner other) =>
        other.Change is { } change ? $" and runs {change}" : "";

    private static string WaysOn(RunOutcome outcome) =>
        outcome.Next.Count > 1 ? "Resume it, or roll it back." : "Resume it.";

    private static string Blocking(IReadOnlyList<Blocker> blockers) =>
        blockers.Count == 0 ? "" : $" {string.Join(" ", blockers)}";
}
