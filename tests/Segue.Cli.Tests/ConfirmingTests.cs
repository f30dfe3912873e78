using Segue.Changes;
using Segue.Changes.Files;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Running;

namespace Segue.Cli.Tests;

public class ConfirmingTests
{
    private const string Name = "0001_test";

    // Its end is in the ledger already: recorded as interrupted, the next apply would take the change forward again.
    [Fact]
    public async Task A_rollback_interrupted_while_it_waits_for_a_standby_stays_rolled_back()
    {
        using CancellationTokenSource interrupt = new();
        FakeEngine engine = new();
        Runner runner = new(engine, new RunOptions { Runner = "test" }, _ => { }, TimeProvider.System);
        Change change = (
            (ChangeFileResult.Read)
                ChangeFileReader.ReadText(
                    $"{Name}.yaml",
                    "operations:\n  - add_column: { table: orders, name: memo, type: text }"
                )
        ).Change;
        ApplyRequest request = new() { Origin = new ChangeOrigin(null, null, "test") };
        (
            await runner.ApplyAsync(engine, change, new PlanOptions(), request, CancellationToken.None)
        ).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        engine.Confirm = cancel =>
        {
            if (engine.Memory[Name].Status != ChangeStatus.RolledBack)
            {
                return Task.CompletedTask;
            }

            interrupt.Cancel();
            return Task.FromCanceled(cancel);
        };

        (await runner.RollbackAsync(Name, interrupt.Token)).ShouldBeOfType<RunOutcome.Interrupted>();

        engine.Memory[Name].Status.ShouldBe(ChangeStatus.RolledBack);
    }
}
