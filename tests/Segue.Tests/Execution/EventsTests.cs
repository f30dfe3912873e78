using System.Collections.Concurrent;
using System.Text.Json;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Running;
using Segue.Tests.Memory;

namespace Segue.Tests.Execution;

/// <summary>Events come in order and one at a time, and a listener that throws ends nothing.</summary>
public sealed class EventsTests
{
    [Fact]
    public void A_listener_that_throws_neither_ends_the_run_nor_the_heartbeat() =>
        MemoryRun.Of(
            5000,
            async run =>
            {
                DateTimeOffset? back = null;
                run.Database.Called = () =>
                {
                    if (run.Time.GetUtcNow() < back)
                    {
                        throw MemoryException.Lost();
                    }
                };
                run.Happened = happened =>
                {
                    back ??= happened is RunEvent.Filled ? run.Time.GetUtcNow() + TimeSpan.FromSeconds(20) : null;
                    throw new InvalidOperationException("a fault of the listener");
                };

                (await run.ApplyAsync()).ShouldBeOfType<RunOutcome.WaitingAtGate>();
                run.Notes.ShouldContain("The server answers again.");
                run.Events.OfType<RunEvent.StageStarted>().Count().ShouldBeGreaterThan(1);
            }
        );

    [Fact]
    public void Each_event_carries_its_change_and_its_time() =>
        MemoryRun.Of(
            20,
            async run =>
            {
                DateTimeOffset began = run.Time.GetUtcNow();
                await run.ApplyAsync();

                run.Events.ShouldAllBe(happened => happened.Change == SampleChanges.Name && happened.At >= began);
                run.Events.Select(happened => happened.At).ShouldBeInOrder();
            }
        );

    [Fact]
    public void Every_kind_of_event_is_json_with_its_kind_in_snake_case() =>
        MemoryRun.Of(
            500,
            async run =>
            {
                await run.ApplyAsync();

                foreach (RunEvent happened in run.Events)
                {
                    string kind = JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.GetType().Name);
                    JsonSerializer.SerializeToNode(happened, JsonSerializerOptions.Web)!["event"]!
                        .GetValue<string>()
                        .ShouldBe(kind);
                }

                JsonDerivedTypes().ShouldBe(Kinds(), ignoreOrder: true);
            }
        );

    [Fact]
    public async Task Events_of_several_threads_come_one_at_a_time_and_none_waits_for_a_slow_listener()
    {
        ConcurrentQueue<string> seen = [];
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim go = new();
        int inside = 0;
        int most = 0;
        EventDelivery delivery = new(
            happened =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                seen.Enqueue(((RunEvent.Note)happened).Message);
                entered.Set();
                go.Wait();
                Interlocked.Decrement(ref inside);
            },
            TimeProvider.System
        );
        Task first = Task.Run(() => delivery.About("a")(new RunEvent.Note("first")));
        entered.Wait();

        delivery.About("a")(new RunEvent.Note("second"));
        delivery.About("a")(new RunEvent.Note("third"));
        go.Set();
        await first;

        seen.ShouldBe(["first", "second", "third"]);
        most.ShouldBe(1);
    }

    private static IEnumerable<Type> Kinds() =>
        typeof(RunEvent).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(RunEvent)));

    private static IEnumerable<Type> JsonDerivedTypes() =>
        typeof(RunEvent)
            .GetCustomAttributes(typeof(System.Text.Json.Serialization.JsonDerivedTypeAttribute), inherit: false)
            .Cast<System.Text.Json.Serialization.JsonDerivedTypeAttribute>()
            .Select(attribute => attribute.DerivedType);
}
