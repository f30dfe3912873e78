using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

public class InterruptTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupted_fill_exits_130_leaves_no_lock_and_resumes_with_apply(string signal)
    {
        await using Shop shop = await Shop.OpenAsync(settings: "  batch_target: 5ms\n");
        await using TrafficRun traffic = await shop.TrafficAsync();
        using SegueProcess segue = shop.Start("apply", Shop.Change, "--duty-cycle", "0.05");
        await shop.ShouldBeFillingAsync(segue);
        await segue.SignalAsync(signal);
        SegueResult ended = (await segue.EndAsync()).ShouldExit(130);

        ended.Error.ShouldContain($"segue apply {Shop.Change}");
        (await shop.HoldsLocksAsync()).ShouldBeFalse();
        long rows = await shop.RowsDoneAsync();
        rows.ShouldBeInRange(1, Shop.Orders - 1);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        await shop.ShouldBeFilledAsync(kills: 1);
    }

    /// <summary>Ctrl-C in a terminal is not meant for what a script put into its background; SIGTERM is.</summary>
    [Fact]
    public async Task A_fill_started_with_SIGINT_ignored_ignores_it_and_ends_by_SIGTERM()
    {
        await using Shop shop = await Shop.OpenAsync(settings: "  batch_target: 5ms\n");
        using SegueProcess segue = shop.StartInBackground("apply", Shop.Change, "--duty-cycle", "0.05");
        await shop.ShouldBeFillingAsync(segue);
        await segue.SignalAsync("INT");
        await shop.ShouldBeFillingAsync(segue);
        await segue.SignalAsync("TERM");
        (await segue.EndAsync()).ShouldExit(130);

        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }

    [Fact]
    public async Task An_interrupted_index_build_leaves_no_invalid_index()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using Npgsql.NpgsqlConnection reader = await shop.OpenOldSnapshotAsync();
        using SegueProcess segue = shop.Start("apply", Shop.Change);
        await Eventually.TrueAsync(
            "the build waits for the old snapshot",
            async () => segue.HasExited || await shop.IsBuildingAsync()
        );
        await segue.SignalAsync("INT");
        (await segue.EndAsync()).ShouldExit(130);

        (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).ShouldBe(0);
        await reader.CloseAsync();
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }
}
