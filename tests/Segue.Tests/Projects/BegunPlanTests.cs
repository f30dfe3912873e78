using Segue.Conformance;
using Segue.Execution;
using Segue.Planning;
using Segue.Tests.Memory;

namespace Segue.Tests.Projects;

public sealed class BegunPlanTests
{
    [Fact]
    public void The_plan_of_a_begun_change_is_there_without_its_file() =>
        MemoryDoor.Of(async door =>
        {
            await door.Target.InitAsync();
            (await door.Target.BegunPlanAsync(SampleChanges.Name)).Match(_ => false, _ => true).ShouldBeTrue();
            PlannedChange shown = await door.PlannedAsync();
            await door.Target.ApplyAsync(shown);
            File.Delete(door.Project.List().OrThrow()[0].Path);

            PlanJson.Hash((await door.Target.BegunPlanAsync(SampleChanges.Name)).OrThrow()).ShouldBe(shown.Hash);
        });
}
