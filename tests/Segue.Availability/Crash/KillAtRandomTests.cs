using Segue.Conformance;
using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// Kill -9 of the real process wherever it happens to be, most often in a batch; the seed makes the
/// moments the same each time.
/// </summary>
public class KillAtRandomTests
{
    // Small batches and long rests: there is a middle to be killed in.
    private const string Slowly = "  batch_target: 5ms\n";

    /// <summary>Each turn of the quick tier has moments of its own, and fewer.</summary>
    private static readonly int[] Seeds = [1, 2, 3, 4, 5];

    public static TheoryData<int, int> Fills()
    {
        TheoryData<int, int> all = new() { { 1, 10 }, { 2, 10 } };
        TheoryData<int, int> quick = new() { { Rotation.Pick(Seeds, 0), 5 } };
        return Rotation.IsFull ? all : quick;
    }

    [Theory]
    [MemberData(nameof(Fills))]
    public async Task A_repeatedly_killed_fill_fills_every_row_once(int seed, int kills)
    {
        Random random = new(seed);
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        await using TrafficRun traffic = await shop.TrafficAsync();
        long blocks = 0;
        for (int kill = 1; kill <= kills; kill++)
        {
            using SegueProcess segue = shop.Start("apply", Shop.Change, "--duty-cycle", "0.2");
            blocks = await WaitForProgressAsync(shop, segue, blocks);
            if (kill == kills / 2)
            {
                await shop.WriteAsNewCodeAsync();
            }

            await Task.Delay(random.Next(60));
            await segue.KillAsync();
        }

        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await shop.DeployAsync(traffic);
        (await shop.RunAsync("complete", Shop.Change, "--yes", "--quiet-for", "0s")).ShouldExit(0);
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        await shop.ShouldBeFilledAsync(kills);
    }

    [Fact]
    public async Task A_change_killed_at_any_moment_can_be_rolled_back_at_once()
    {
        int kills = Rotation.IsFull ? 6 : 2;
        Random random = new(Rotation.Pick(Seeds, 2));
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        IReadOnlyList<string> before = await shop.CatalogAsync();
        await using TrafficRun traffic = await shop.TrafficAsync();
        for (int kill = 1; kill <= kills; kill++)
        {
            using (SegueProcess segue = shop.Start("apply", Shop.Change))
            {
                await Eventually.TrueAsync(
                    "the change begins",
                    async () => segue.HasExited || await shop.HasBegunAsync()
                );
                await Task.Delay(random.Next(1500));
                await segue.KillAsync();
            }

            (await shop.RunAsync("rollback", Shop.Change, "--yes")).ShouldExit(0);
            (await shop.CatalogAsync()).ShouldBe(before);
        }

        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        await shop.ShouldHaveLostNothingAsync();
    }

    /// <summary>Waits until a batch is committed beyond those known.</summary>
    private static async Task<long> WaitForProgressAsync(Shop shop, SegueProcess segue, long rows)
    {
        long now = rows;
        await Eventually.TrueAsync(
            "the fill goes on",
            async () => segue.HasExited || (now = await shop.RowsDoneAsync()) > rows
        );
        return now;
    }
}
