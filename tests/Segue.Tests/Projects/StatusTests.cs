using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Projects;
using Segue.Tests.Memory;

namespace Segue.Tests.Projects;

/// <summary>A look at the status costs what is under way, not all that ever was.</summary>
public sealed class StatusTests
{
    private static readonly string[] Others = ["0002_second", "0003_third", "0004_fourth"];

    [Fact]
    public void A_completed_change_is_not_asked_for_its_fills_again_and_an_edited_file_is_read_again() =>
        MemoryDoor.Of(async door =>
        {
            await door.Target.ApplyAsync(await door.PlannedAsync());
            await door.Target.CompleteAsync(SampleChanges.Name);
            int calls = 0;
            door.Database.Called = () => calls++;

            Standing first = (await door.Target.StatusAsync()).ShouldHaveSingleItem();
            int cold = calls;
            Standing second = (await door.Target.StatusAsync()).ShouldHaveSingleItem();

            (calls - cold).ShouldBe(cold - 1);
            second.Rows.ShouldBe(first.Rows);
            (second.Status, second.Notes.Count).ShouldBe((ChangeStatus.Completed, 0));

            door.Write(SampleChanges.Name, $"{SampleChanges.Column}\ndescription: edited\n");
            (await door.Target.StatusAsync())[0].Notes.ShouldHaveSingleItem().Kind.ShouldBe(FileNoteKind.Edited);
        });

    [Fact]
    public void The_first_look_asks_the_ledger_as_often_for_many_changes_as_for_one() =>
        MemoryDoor.Of(async door =>
        {
            await door.Target.ApplyAsync(await door.PlannedAsync());
            await door.Target.CompleteAsync(SampleChanges.Name);
            int calls = 0;
            door.Database.Called = () => calls++;
            await using SegueTarget first = door.Open(new TargetOptions { Time = door.Time });
            await first.StatusAsync();
            int one = calls;
            foreach (string name in Others)
            {
                door.Write(name, SampleChanges.Column.Replace("code", name));
                (
                    await door.Target.ApplyAsync((await door.Target.PlanAsync(name)).OrThrow())
                ).ShouldBeOfType<RunOutcome.WaitingAtGate>();
            }

            calls = 0;
            await using SegueTarget second = door.Open(new TargetOptions { Time = door.Time });
            (await second.StatusAsync()).Count.ShouldBe(4);
            calls.ShouldBe(one);
        });
}
