using Npgsql;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>The server ends sessions, restarts or dies; the run goes on by itself.</summary>
public class ServerTests
{
    private const string Slowly = "  batch_target: 5ms\n";

    [Fact]
    public async Task A_run_whose_sessions_are_terminated_repeatedly_continues()
    {
        const int Kills = 12;
        Random random = new(4);
        await using Shop shop = await Shop.OpenAsync(settings: Slowly);
        await using TrafficRun traffic = await shop.TrafficAsync();
        using SegueProcess segue = shop.Start("apply", Shop.Change, "--duty-cycle", "0.2");
        await Eventually.TrueAsync("the change begins", async () => segue.HasExited || await shop.HasBegunAsync());
        long ended = 0;
        while (ended < Kills && !segue.HasExited)
        {
            await Task.Delay(random.Next(300));
            ended += await shop.Database.ScalarAsync<long>(
                """
                SELECT count(pg_terminate_backend(pid)) FROM (
                  SELECT pid FROM pg_stat_activity WHERE application_name = 'segue' AND datname = current_database()
                      ORDER BY random() LIMIT 1) AS one
                """
            );
        }

        (await segue.EndAsync()).ShouldExit(0);
        await traffic.StopAsync();
        traffic.Errors.ShouldBeEmpty();
        await shop.ShouldBeFilledAsync((int)ended);
    }

    [Fact]
    public async Task A_run_survives_server_restarts_and_crashes_during_fill_and_index_build()
    {
        await using PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Major = Postgres.Majors[^1] }
        );
        await using Shop shop = await Shop.OpenAsync(server, Slowly);
        using SegueProcess segue = shop.Start("apply", Shop.Change, "--duty-cycle", "0.1");
        await shop.ShouldBeFillingAsync(segue);
        await RestartAsync(shop, () => server.RestartAsync(StopMode.Fast));
        await shop.ShouldBeFillingAsync(segue);
        await RestartAsync(
            shop,
            async () =>
            {
                await server.KillAsync();
                await server.StartAgainAsync();
            }
        );
        await shop.ShouldBeFillingAsync(segue);
        await RestartAsync(shop, () => server.RestartAsync(StopMode.Immediate));
        await using (NpgsqlConnection reader = await shop.OpenOldSnapshotAsync())
        {
            await Eventually.TrueAsync(
                "the index build waits for the old snapshot",
                async () => segue.HasExited || await shop.IsBuildingAsync()
            );
            await RestartAsync(shop, () => server.RestartAsync(StopMode.Immediate));
        }

        (await segue.EndAsync()).ShouldExit(0);
        await shop.ShouldBeFilledAsync(kills: 4);
        (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).ShouldBe(0);
    }

    private static async Task RestartAsync(Shop shop, Func<Task> restart)
    {
        await restart();
        shop.Reconnect();
    }
}
