using Segue.Planning;

namespace Segue.Execution;

/// <summary>Refusals of a change that the ledger does not contain, or of a database without a ledger.</summary>
internal static class Unknown
{
    private const string What = "the ledger of this database has no such change.";

    public static RunOutcome.Refused ToComplete(string change) =>
        RunOutcome.Refused.For(change, What, "Apply it first.", NextAction.Apply(change));

    public static RunOutcome.Refused ToRollBack(string change) =>
        RunOutcome.Refused.For(
            change,
            What,
            "There is nothing to roll back, unless the ledger was dropped or replaced after the change had started.",
            NextAction.Doctor
        );

    public static RunOutcome.Refused ToPurge(string change) =>
        RunOutcome.Refused.For(change, What, "List what is kept.", NextAction.Purge(null));
}
