using Segue.Execution;

namespace Segue.Testing;

/// <summary>Assertions that say why a run ended otherwise.</summary>
public static class Outcomes
{
    public static void ShouldBeCompleted(this RunOutcome outcome) =>
        outcome.ShouldBeOfType<RunOutcome.Completed>(Words(outcome));

    public static void ShouldBeRolledBack(this RunOutcome outcome) =>
        outcome.ShouldBeOfType<RunOutcome.RolledBack>(Words(outcome));

    public static void ShouldWaitAtGate(this RunOutcome outcome) =>
        outcome.ShouldBeOfType<RunOutcome.WaitingAtGate>(Words(outcome));

    public static string Words(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Failed failed => failed.Message,
            RunOutcome.Refused refused => string.Join('\n', refused.Problems),
            RunOutcome.Invalid invalid => string.Join('\n', invalid.Problems),
            RunOutcome.LockNotObtained locked => string.Join('\n', locked.Blockers),
            RunOutcome.TakenOver taken => taken.Message,
            RunOutcome.Forgotten forgotten => forgotten.Message,
            RunOutcome.AnotherRunner other => other.Holder.ToString(),
            _ => outcome.ToString(),
        };
}
