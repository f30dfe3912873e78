using Segue.Cli.Rendering;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Tests;

public class ExitCodesTests
{
    public static TheoryData<RunOutcome, int> Outcomes =>
        new()
        {
            { new RunOutcome.Completed(), 0 },
            { new RunOutcome.RolledBack(), 0 },
            { new RunOutcome.Purged(["public.orders"]), 0 },
            { new RunOutcome.WaitingAtGate(Samples.Gate), 0 },
            { new RunOutcome.StoppedAfter(StageName.Verify), 0 },
            { new RunOutcome.Failed("disk full"), 1 },
            { new RunOutcome.Invalid([new Problem("check", "no", "fix")]), 2 },
            { new RunOutcome.Refused([new Problem("check", "no", "fix")]), 3 },
            { new RunOutcome.LockNotObtained(Samples.Expand, []), 4 },
            { new RunOutcome.TakenOver("taken over", "apply"), 5 },
            { new RunOutcome.Forgotten("forgotten", "apply"), 1 },
            {
                new RunOutcome.AnotherRunner(
                    new LeaseHolder("other", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch)
                ),
                5
            },
            { new RunOutcome.Interrupted(), 130 },
        };

    [Theory, MemberData(nameof(Outcomes))]
    public void Every_outcome_has_its_documented_exit_code(RunOutcome outcome, int code)
    {
        ((int)ExitCodes.Of(outcome)).ShouldBe(code);
    }

    [Fact]
    public void Every_outcome_is_rendered()
    {
        int kinds = typeof(RunOutcome).GetNestedTypes().Count(type => type.IsSubclassOf(typeof(RunOutcome)));

        Outcomes.Count.ShouldBe(kinds);
        using TestConsole console = new();
        foreach (RunOutcome outcome in Outcomes.Select(row => (RunOutcome)row[0]))
        {
            bool isSuccess = ExitCodes.Of(outcome) == ExitCode.Done;
            (Segue.Cli.Running.Outcomes.FailureOf(outcome, "0001") is null).ShouldBe(isSuccess);
            if (isSuccess)
            {
                new OutcomeText(new Sheet(console.Console), new Hints(null, null)).Write(
                    outcome,
                    new RunJournal("0001", [], TimeProvider.System)
                );
            }
        }
    }
}
