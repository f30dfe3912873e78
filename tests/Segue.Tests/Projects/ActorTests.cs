using Segue.Conformance;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Projects;
using Segue.Tests.Memory;

namespace Segue.Tests.Projects;

/// <summary>The ledger's events name who acts, for every verb.</summary>
public sealed class ActorTests
{
    private const string Change = SampleChanges.Name;
    private static readonly Actor Alice = new("alice") { Reason = "approved in CR-17" };

    [Fact]
    public void Every_verb_records_who_acts_and_why() =>
        MemoryDoor.Of(async door =>
        {
            await door.Target.ApplyAsync(
                await door.PlannedAsync(),
                new ApplyRequest { Until = StageName.Expand },
                Alice
            );
            await door.Target.PauseAsync(Change, Alice);
            await door.Target.ResumeAsync(Change, new Actor("bob"));
            await door.Target.RollbackAsync(Change, Alice);
            await door.Target.ApplyAsync(await door.PlannedAsync());
            await door.Target.CompleteAsync(Change, actor: new Actor("bob"));

            door.Events.Where(line => line.Kind == "run" || line.Kind.EndsWith("_requested", StringComparison.Ordinal))
                .Select(line => line.Message)
                .ShouldBe([
                    "apply by alice (runner test): approved in CR-17",
                    "by alice (runner test): approved in CR-17",
                    "by bob (runner test)",
                    "rollback by alice (runner test): approved in CR-17",
                    "apply by test",
                    "complete by bob (runner test)",
                ]);
        });

    [Fact]
    public void The_options_of_a_target_name_who_acts_where_a_call_does_not() =>
        MemoryDoor.Of(async door =>
        {
            await using SegueTarget target = door.Open(
                new TargetOptions
                {
                    Runner = "test",
                    Time = door.Time,
                    Actor = new Actor("pipeline"),
                }
            );

            await target.ApplyAsync(await door.PlannedAsync());
            await target.CompleteAsync(Change, actor: Alice);

            door.Events.Where(line => line.Kind == "run")
                .Select(line => line.Message)
                .ShouldBe(["apply by pipeline (runner test)", "complete by alice (runner test): approved in CR-17"]);
        });

    [Theory]
    [InlineData("")]
    [InlineData("alice\n2026-01-01 run complete by bob")]
    public void An_actor_is_one_line(string name)
    {
        Should.Throw<ArgumentException>(() => new Actor(name));
        Should.Throw<ArgumentException>(() => new Actor("alice") { Reason = name });
    }
}
