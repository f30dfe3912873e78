using Segue.Conformance;
using Segue.Ledger;
using Segue.Projects;
using Segue.Tests.Memory;

namespace Segue.Tests.Projects;

/// <summary>A dashboard follows the ledger's events and checks them.</summary>
public sealed class HistoryTests
{
    private const string Change = SampleChanges.Name;

    [Fact]
    public void A_follower_gets_each_event_once_and_in_order() =>
        MemoryDoor.Of(async door =>
        {
            using CancellationTokenSource stop = new();
            List<LedgerEvent> followed = [];
            Task following = FollowAsync(door.Target, followed, stop.Token);
            await door.Target.ApplyAsync(await door.PlannedAsync());
            await door.Target.CompleteAsync(Change);
            await Task.Delay(TimeSpan.FromSeconds(3), door.Time);
            await stop.CancelAsync();

            await Should.ThrowAsync<OperationCanceledException>(following);
            followed.ShouldBe(door.Events);
            followed[^1].Kind.ShouldBe("completed");
        });

    [Fact]
    public void A_history_longer_than_a_page_is_read_and_checked_whole() =>
        MemoryDoor.Of(async door =>
        {
            await door.Target.ApplyAsync(await door.PlannedAsync());
            for (int i = 0; i < LedgerEvents.PageSize; i++)
            {
                await door.Target.Engine.Records.Ledger.AppendAsync(Change, "note", $"{i}", default);
            }

            HistoryCheck whole = await door.Target.VerifyHistoryAsync();
            whole.ShouldBe(new HistoryCheck(door.Events.Count(), null, door.Events.Last().Hash));
            (await door.Target.ReportAsync(Change)).OrThrow().Events.Count.ShouldBe(door.Events.Count());

            LedgerEvent altered = door.Events.ElementAt(LedgerEvents.PageSize + 1);
            door.Database.AlterEvent(altered.Id);
            (await door.Target.VerifyHistoryAsync()).FirstBroken.ShouldNotBeNull().Id.ShouldBe(altered.Id);
        });

    [Fact]
    public void A_database_without_a_ledger_has_no_history() =>
        MemoryDoor.Of(async door =>
        {
            (await door.Target.VerifyHistoryAsync()).ShouldBe(new HistoryCheck(0, null, ""));
            (await door.Target.ReportAsync(Change)).Match(_ => false, _ => true).ShouldBeTrue();
        });

    private static async Task FollowAsync(SegueTarget target, List<LedgerEvent> followed, CancellationToken cancel)
    {
        await foreach (LedgerEvent entry in target.FollowAsync(cancel: cancel))
        {
            followed.Add(entry);
        }
    }
}
