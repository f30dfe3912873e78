using Segue.Conformance;
using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// Kill -9 of the real process at every boundary of every step; each run resumes where the killed one stopped.
/// The quick tier kills at a fifth of the boundaries by turns.
/// </summary>
public class KillAtEveryStepTests
{
    // The brake holds a transaction for longer than an app would like; the budgets must let it.
    private const string Patient = "  hold_budget: 30s\n";

    private static readonly Lazy<Task<Life>> Unharmed = new(UnharmedAsync);

    [Fact]
    public async Task A_change_killed_at_every_boundary_of_every_step_ends_like_one_that_was_not()
    {
        Life unharmed = await Unharmed.Value;
        await using Shop shop = await OpenAsync();
        Brake brake = await FitAsync(shop);
        await using TrafficRun traffic = await shop.TrafficAsync();
        await KillAtEachAsync(shop, brake, unharmed.Forward, "apply", Shop.Change);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await shop.DeployAsync(traffic);
        await KillAtEachAsync(shop, brake, unharmed.Completing, "complete", Shop.Change, "--yes", "--quiet-for", "0s");
        (await shop.RunAsync("complete", Shop.Change, "--yes", "--quiet-for", "0s")).ShouldExit(0);
        await traffic.StopAsync();

        traffic.Errors.ShouldBeEmpty();
        (await shop.CatalogAsync()).ShouldBe(unharmed.Catalog);
        await shop.ShouldBeFilledAsync(unharmed.Forward.Count + unharmed.Completing.Count);
    }

    [Fact]
    public async Task A_rollback_killed_at_every_boundary_of_every_step_leaves_the_catalog_as_it_was()
    {
        Life unharmed = await Unharmed.Value;
        await using Shop shop = await OpenAsync();
        IReadOnlyList<string> before = await shop.CatalogAsync();
        Brake brake = await FitAsync(shop);
        await using TrafficRun traffic = await shop.TrafficAsync();
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await KillAtEachAsync(shop, brake, unharmed.Back, "rollback", Shop.Change, "--yes");
        (await shop.RunAsync("rollback", Shop.Change, "--yes")).ShouldExit(0);
        await traffic.StopAsync();

        traffic.Errors.ShouldBeEmpty();
        (await shop.CatalogAsync()).ShouldBe(before);
        await shop.ShouldHaveLostNothingAsync();
    }

    private static Task<Shop> OpenAsync() => Shop.OpenAsync(settings: Patient);

    private static async Task<Brake> FitAsync(Shop shop)
    {
        await using (PostgreSql.PostgresEngine engine = shop.Database.Engine())
        {
            await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        }

        Brake brake = new(shop.Database);
        await brake.InstallAsync();
        return brake;
    }

    private static async Task<Life> UnharmedAsync()
    {
        await using Shop shop = await OpenAsync();
        Brake brake = await FitAsync(shop);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        IReadOnlyList<string> forward = await NewPointsAsync(brake);
        (await shop.RunAsync("rollback", Shop.Change, "--yes")).ShouldExit(0);
        IReadOnlyList<string> back = await NewPointsAsync(brake);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        await NewPointsAsync(brake);
        (await shop.RunAsync("complete", Shop.Change, "--yes", "--quiet-for", "0s")).ShouldExit(0);
        return new Life(forward, await NewPointsAsync(brake), back, await shop.CatalogAsync());
    }

    private static async Task<IReadOnlyList<string>> NewPointsAsync(Brake brake)
    {
        IReadOnlyList<string> points = await brake.PointsAsync();
        await brake.ForgetAsync();
        return points;
    }

    private static async Task KillAtEachAsync(
        Shop shop,
        Brake brake,
        IReadOnlyList<string> points,
        params string[] arguments
    )
    {
        await brake.ForgetAsync();
        foreach (string point in points.Where((_, i) => Rotation.Takes(i)))
        {
            // The server goes on with the rest of a message whose runner died: it may have passed this point as well.
            IReadOnlyList<string> passed = await brake.PointsAsync();
            await brake.ForgetAsync();
            if (passed.Contains(point))
            {
                continue;
            }

            await brake.SetAsync(point);
            using SegueProcess segue = shop.Start(arguments);
            await Eventually.TrueAsync(
                $"segue {arguments[0]} comes to '{point}'",
                async () =>
                    segue.HasExited
                        ? throw new InvalidOperationException(
                            $"segue {arguments[0]} ended before '{point}':\n{segue.Said}"
                        )
                        : await brake.IsHoldingAsync()
            );
            await segue.KillAsync();
            await brake.ReleaseAsync();
            await Eventually.TrueAsync("the server has ended what the runner sent", brake.IsIdleAsync);
        }
    }

    /// <summary>The points and the end of a life without harm.</summary>
    private sealed record Life(
        IReadOnlyList<string> Forward,
        IReadOnlyList<string> Completing,
        IReadOnlyList<string> Back,
        IReadOnlyList<string> Catalog
    );
}
