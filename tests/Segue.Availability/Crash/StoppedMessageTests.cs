using Npgsql;
using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Network;
using Segue.Lab.Servers;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// A network, or a proxy in it, that stops in the middle of a message and still answers TCP: the server waits for the
/// rest with the locks of what arrived. Something that needs no network must end that.
/// </summary>
public class StoppedMessageTests
{
    /// <summary>Twice as long as somebody has to wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.2);

    [Theory, PostgresVersions(14, 18)]
    public Task A_step_whose_message_was_cut_off_releases_its_table(int major) =>
        LocksEndAsync(major, message: "IN ACCESS EXCLUSIVE MODE", "AccessExclusiveLock");

    [Theory, PostgresVersions(14, 18)]
    public Task A_batch_whose_message_was_cut_off_releases_its_rows(int major) =>
        LocksEndAsync(major, message: "segue.fill(", "RowExclusiveLock");

    /// <summary>What watches connects to another database of the server where it may, and as who logged in.</summary>
    [Theory, PostgresVersions(16)]
    public async Task A_role_that_acts_as_another_and_may_connect_to_one_database_only_is_watched(int major)
    {
        await using PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Major = major }
        );
        await using TestDatabase db = await Postgres.DatabaseAsync(server);
        await db.CreateOrdersAsync(2000);
        await db.ExecuteAsync(
            $"""
            REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
            CREATE ROLE owner;
            CREATE ROLE deployer LOGIN IN ROLE owner;
            ALTER ROLE deployer SET role = 'owner';
            GRANT CREATE ON DATABASE {db.Name} TO owner;
            GRANT CREATE ON SCHEMA public TO owner;
            ALTER TABLE orders OWNER TO owner
            """
        );

        await LocksEndAsync(db, "IN ACCESS EXCLUSIVE MODE", "AccessExclusiveLock", role: "deployer");
    }

    private static async Task LocksEndAsync(int major, string message, string mode)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        await LocksEndAsync(db, message, mode, role: "postgres");
    }

    private static async Task LocksEndAsync(TestDatabase db, string message, string mode, string role)
    {
        await using NetworkProxy network = new(
            new NpgsqlConnectionStringBuilder(db.ConnectionString) { Username = role }.ConnectionString
        );
        await using TestDatabase runner = new(db.Server, "none", network.ConnectionString) { Planning = db.Planning };
        Task stopped = network.StopInsideAsync(message, inside: "COMMIT");

        Task<RunOutcome> run = runner.ApplyAsync(Tables.Currency);
        await Until.TrueAsync(() => HoldAsync(db, mode, "AND wait_event = 'ClientRead'"), "a half message holds", run);
        await stopped;
        await Task.Delay(Patience);
        (await HoldAsync(db, mode)).ShouldBeTrue("a slow network is waited for while nobody needs the locks");

        await using Session app = await Session.OpenAsync(db.ConnectionString, "app");
        await app.ExecuteAsync("SELECT FROM orders FOR UPDATE");

        network.Restore();
        await network.HangUpAsync();
        (await run).ShouldWaitAtGate();
        (await db.WrongCurrenciesAsync()).ShouldBe(0);
    }

    private static Task<bool> HoldAsync(TestDatabase db, string mode, string how = "") =>
        db.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted AND state = 'active' "
                + $"AND relation = 'orders'::regclass AND mode = '{mode}' AND application_name = 'segue' {how})"
        );
}
