using Segue.Lab.Servers;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>The server that answers after a lost connection did not receive all that the runner wrote.</summary>
public class FailoverTests
{
    private const string Slowly = "  batch_target: 5ms\n";

    private static readonly string[] SlowApply = ["apply", Shop.Change, "--duty-cycle", "0.02"];

    [Fact]
    public async Task A_runner_reports_batches_that_the_promoted_standby_lost_and_the_next_apply_resumes()
    {
        await using PostgresServer primary = await StartAsync(Postgres.Majors[^1]);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        await using Shop shop = await Shop.OpenAsync(primary, Slowly, standby);
        TestDatabase promoted = On(standby, shop);
        using SegueProcess segue = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(segue);
        await ReceivedAsync(shop, promoted);
        await CutOffAsync(promoted);
        long received = await promoted.ScalarAsync<long>("SELECT sum(rows_done)::bigint FROM segue.backfill");
        await Eventually.TrueAsync(
            "it fills rows that the standby does not receive",
            () => shop.Database.ScalarAsync<bool>($"SELECT sum(rows_done) > {received} FROM segue.backfill")
        );

        // A runner that pauses has heard of all its batches.
        (await shop.RunAsync("pause", Shop.Change)).ShouldExit(0);
        await Eventually.TrueAsync(
            "it pauses",
            () => shop.Database.ScalarAsync<bool>("SELECT status = 'paused' FROM segue.change")
        );

        await primary.KillAsync();
        await standby.PromoteAsync();

        ShouldBeTold(await segue.EndAsync(), 1).ShouldContain("batches of");
        (await promoted.ScalarAsync<string>("SELECT status FROM segue.change")).ShouldBe("failed");
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
        (await promoted.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency IS NULL")).ShouldBe(0);
    }

    [Fact]
    public async Task A_runner_whose_lease_is_missing_on_a_promoted_standby_begins_no_rolled_back_change()
    {
        await using PostgresServer primary = await StartAsync(Postgres.Majors[0]);
        await using PostgresServer standby = await primary.CreateStandbyAsync();
        await using Shop shop = await Shop.OpenAsync(primary, Slowly, standby);
        TestDatabase promoted = On(standby, shop);
        (await shop.RunAsync("apply", Shop.Change, "--until", "expand")).ShouldExit(0);
        await ReceivedAsync(shop, promoted);
        await CutOffAsync(promoted);
        using SegueProcess segue = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(segue);
        await segue.SignalAsync("STOP");
        await primary.KillAsync();
        await standby.PromoteAsync();
        (await shop.RunAsync("rollback", Shop.Change, "--yes", "--database", standby.Url(promoted.Name))).ShouldExit(0);

        await segue.SignalAsync("CONT");

        ShouldBeTold(await segue.EndAsync(), 1).ShouldContain("is rolled back");
        await ShouldNotHaveBegunAsync(promoted);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }

    [Fact]
    public async Task A_runner_does_not_begin_again_in_a_database_restored_to_a_point_before_it_began()
    {
        await using PostgresServer server = await StartAsync(Postgres.Majors[^1]);
        await using PostgresServer restored = await server.CreateStandbyAsync(
            new Dictionary<string, string>
            {
                ["recovery_target_name"] = "before",
                ["recovery_target_action"] = "promote",
            }
        );
        await using Shop shop = await Shop.OpenAsync(server, Slowly, restored);
        TestDatabase database = On(restored, shop);
        (await shop.RunAsync("apply", Shop.Change, "--until", "expand")).ShouldExit(0);
        (await shop.RunAsync("rollback", Shop.Change, "--yes")).ShouldExit(0);
        await server.ExecuteAsync("SELECT pg_create_restore_point('before')");
        using SegueProcess segue = shop.Start(SlowApply);
        await shop.ShouldBeFillingAsync(segue);
        await Eventually.TrueAsync(
            "the restored server takes writes",
            () => database.ScalarAsync<bool>("SELECT NOT pg_is_in_recovery()")
        );

        await server.KillAsync();

        ShouldBeTold(await segue.EndAsync(), 1).ShouldContain("is rolled back");
        await ShouldNotHaveBegunAsync(database);
        (await shop.RunAsync("apply", Shop.Change)).ShouldExit(0);
    }

    private static Task<PostgresServer> StartAsync(int major) =>
        PostgresServer.StartAsync(new PostgresServerOptions { Major = major });

    // Not disposed of: that would drop a database of a standby. It goes with its server.
    private static TestDatabase On(PostgresServer server, Shop shop) =>
        new(server, shop.Database.Name, server.ConnectionString(shop.Database.Name));

    private static async Task ReceivedAsync(Shop shop, TestDatabase standby)
    {
        string written = await shop.Database.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text");
        await Eventually.TrueAsync(
            "the standby has replayed it",
            () => standby.ScalarAsync<bool>($"SELECT pg_last_wal_replay_lsn() >= '{written}'")
        );
    }

    /// <summary>It receives nothing any more.</summary>
    private static async Task CutOffAsync(TestDatabase standby)
    {
        await standby.ExecuteAsync("ALTER SYSTEM SET primary_conninfo = ''");
        await standby.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.TrueAsync(
            "the standby is cut off",
            () => standby.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
        );
    }

    private static string ShouldBeTold(SegueResult result, int exitCode)
    {
        string error = result.ShouldExit(exitCode).Error;
        error.ShouldContain("has not started again");
        error.ShouldNotContain("0001-01-01");
        error.ShouldNotContain("another runner");
        return error;
    }

    private static async Task ShouldNotHaveBegunAsync(TestDatabase db)
    {
        (await db.ScalarAsync<string>("SELECT status FROM segue.change")).ShouldBe("rolled_back");
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'currency'"
            )
        ).ShouldBe(0);
    }
}
