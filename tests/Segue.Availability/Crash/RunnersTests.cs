using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>There is one runner at a time, whatever becomes of it.</summary>
public class RunnersTests
{
    // Rests keep the fill going until the test has seen what it came for.
    private const string Slowly = "  batch_target: 5ms\n";

    private static readonly string[] SlowApply = ["apply", Shop.Change, "--duty-cycle", "0.02"];

    [Fact]
    public async Task A_second_runner_gets_the_name_of_the_first_and_changes_nothing()
    {
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        await using TrafficRun traffic = await shop.TrafficAsync();
        using SegueProcess first = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(first);
        foreach (
            string[] verb in (string[][])
                [
                    ["apply", Shop.Change],
                    ["rollback", Shop.Change, "--yes"],
                    ["complete", Shop.Change, "--yes", "--quiet-for", "0s"],
                ]
        )
        {
            (await shop.RunAsync(verb)).ShouldExit(5).Error.ShouldContain($"process {first.Id}");
        }

        first.HasExited.ShouldBeFalse();
        await first.SignalAsync("TERM");
        (await first.EndAsync()).ShouldExit(130);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }

    [Fact]
    public async Task After_a_kill_the_next_runner_need_not_wait_for_the_lease()
    {
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        await using TrafficRun traffic = await shop.TrafficAsync();
        using SegueProcess first = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(first);
        long rows = await shop.RowsDoneAsync();
        DateTime expiry = await shop.Database.ScalarAsync<DateTime>("SELECT expires_at FROM segue.lease");
        await first.KillAsync();
        using SegueProcess second = shop.Start(SlowApply);
        await Eventually.TrueAsync(
            "the second runner fills",
            async () => second.HasExited || await shop.RowsDoneAsync() > rows
        );

        second.HasExited.ShouldBeFalse(second.Said);
        (await shop.Database.ScalarAsync<DateTime>("SELECT acquired_at FROM segue.lease")).ShouldBeLessThan(expiry);
    }

    [Fact]
    public async Task A_runner_that_was_frozen_past_its_lease_and_replaced_writes_nothing_when_it_thaws()
    {
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        await using TrafficRun traffic = await shop.TrafficAsync();
        using SegueProcess frozen = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(frozen);
        await frozen.SignalAsync("STOP");
        await Eventually.TrueAsync(
            "its lease runs out",
            () => shop.Database.ScalarAsync<bool>("SELECT expires_at < clock_timestamp() FROM segue.lease")
        );
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        IReadOnlyList<string> ledger = await LedgerAsync(shop);

        await frozen.SignalAsync("CONT");
        (await frozen.EndAsync()).ShouldExit(5).Error.ShouldContain("The change waits");
        (await LedgerAsync(shop)).ShouldBe(ledger);
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        await shop.ShouldBeFilledAsync(kills: 1);
    }

    [Fact]
    public async Task A_thawed_runner_does_not_begin_a_change_that_another_runner_rolled_back()
    {
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        using SegueProcess frozen = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(frozen);
        await frozen.SignalAsync("STOP");
        // As when its lease has run out; by the frozen runner's own clock it has not, so the fence alone stops it.
        await shop.Database.ExecuteAsync("UPDATE segue.lease SET expires_at = clock_timestamp()");
        (await shop.RunAsync("rollback", Shop.Change, "--yes")).ShouldExit(0);
        IReadOnlyList<string> ledger = await LedgerAsync(shop);

        await frozen.SignalAsync("CONT");

        string error = (await frozen.EndAsync()).ShouldExit(5).Error;
        error.ShouldContain("is rolled back");
        error.ShouldNotContain("0001-01-01");
        (await LedgerAsync(shop)).ShouldBe(ledger);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }

    [Fact]
    public async Task A_frozen_runner_holds_no_lock()
    {
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        using SegueProcess frozen = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(frozen);
        await frozen.SignalAsync("STOP");
        await Eventually.TrueAsync("the server ends its transaction", async () => !await shop.HoldsLocksAsync());
        await frozen.SignalAsync("CONT");
        await shop.ShouldBeFillingAsync(frozen);
        await frozen.SignalAsync("TERM");
        (await frozen.EndAsync()).ShouldExit(130);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await shop.ShouldBeFilledAsync(kills: 2);
    }

    [Fact]
    public async Task A_runner_frozen_while_it_holds_a_strong_lock_loses_it_when_the_hold_budget_ends()
    {
        await using Shop shop = await Shop.OpenAsync();
        // Long enough to be met at work, short enough for the budget.
        await shop.Database.ExecuteAsync(
            """
            CREATE FUNCTION public.dawdle() RETURNS event_trigger
                LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.4); END';
            CREATE EVENT TRIGGER dawdle ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.dawdle();
            """
        );
        using SegueProcess frozen = shop.Start("apply", Shop.Change, "--until", "expand");
        await Eventually.TrueAsync(
            "it holds the table",
            async () => frozen.HasExited || await shop.HoldsStronglyAsync()
        );
        await frozen.SignalAsync("STOP");
        frozen.HasExited.ShouldBeFalse(frozen.Said);

        await Eventually.TrueAsync("the server ends its transaction", async () => !await shop.HoldsStronglyAsync());
        await shop.Database.ExecuteAsync("DROP EVENT TRIGGER dawdle");
        await frozen.SignalAsync("CONT");
        (await frozen.EndAsync()).ShouldExit(0);
    }

    private static Task<IReadOnlyList<string>> LedgerAsync(Shop shop) =>
        shop.Database.ColumnAsync(
            """
            SELECT row_to_json(c)::text FROM segue.change c UNION ALL SELECT row_to_json(s)::text FROM segue.step s
                UNION ALL SELECT row_to_json(b)::text FROM segue.backfill b
            UNION ALL SELECT row_to_json(e)::text FROM segue.event e UNION ALL SELECT row_to_json(l)::text
                FROM segue.lease l
            """
        );
}
