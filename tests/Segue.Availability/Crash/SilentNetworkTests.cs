using Segue.Availability.Support;
using Segue.Conformance;
using Segue.Execution;
using Segue.Lab.Network;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>
/// A network that goes without a word ends no run for good: what waits for an answer notices, and goes on over a new
/// connection.
/// </summary>
public class SilentNetworkTests
{
    private const string Indexed =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, backfill: id, index: true }";
    private const string IsRenewed = "SELECT heartbeat_at > clock_timestamp() - interval '3 s' FROM segue.lease";

    [Fact]
    public async Task The_end_of_an_index_build_is_noticed_after_the_network_dropped_its_connection()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.CreateOrdersAsync(2000);
        (await db.ApplyAsync(Indexed, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await using NetworkProxy network = new(db.ConnectionString);
        await using PostgresEngine engine = new(network.ConnectionString);
        List<RunEvent> events = [];
        Runner runner = new(
            engine,
            db.Options.ToOptions("test") with
            {
                Reconnect = TimeSpan.FromMinutes(5),
            },
            happened =>
            {
                lock (events)
                {
                    events.Add(happened);
                }
            },
            TimeProvider.System
        );
        await using Session writer = await Session.InTransactionAsync(
            db.ConnectionString,
            "writer",
            "UPDATE orders SET amount = 1 WHERE id = 1"
        );

        ApplyRequest request = new() { Origin = new Ledger.ChangeOrigin(null, null, null) };
        Task<RunOutcome> building = runner.ApplyAsync(
            engine,
            TestDatabase.Read(Indexed, "0001_test"),
            db.Planning,
            request,
            CancellationToken.None
        );
        await Until.TrueAsync(() => Seen<RunEvent.OnlineProgressed>().Any(), "it builds", building);
        await network.ForgetAsync();
        await writer.ExecuteAsync("COMMIT");
        await Until.TrueAsync(
            () => Seen<RunEvent.Note>().Any(note => note.Message.Contains("Trying again")),
            "the silence is noticed",
            building
        );

        (await building).ShouldBeOfType<RunOutcome.WaitingAtGate>(Outcomes.Words(await building));
        (
            await db.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_code_idx'::regclass")
        ).ShouldBeTrue();

        IReadOnlyList<T> Seen<T>()
        {
            lock (events)
            {
                return [.. events.OfType<T>()];
            }
        }
    }

    [Fact]
    public async Task After_a_silent_network_the_lease_is_renewed_and_a_finished_build_is_found()
    {
        await using TestDatabase db = await VerifiedAsync();
        await using NetworkProxy network = new(db.ConnectionString);
        await using TestDatabase cut = new(db.Server, "none", network.ConnectionString) { Planning = db.Planning };
        cut.LeaseTime = TimeSpan.FromSeconds(3);
        await using Session report = await OldSnapshotAsync(db);
        Task<RunOutcome> building = cut.ApplyAsync(Indexed);
        await BuildingAsync(db, building);

        await network.CutAsync();
        await Until.TrueAsync(() => IsLateAsync(db), "a renewal is overdue", building);
        await Until.TrueAsync(() => Noted("The server has not answered for"), "the silence is reported", building);
        network.Restore();
        await Until.TrueAsync(() => db.ScalarAsync<bool>(IsRenewed), "the lease is renewed", building);
        await Until.TrueAsync(() => Noted("The server answers again."), "its end is reported", building);
        await report.ExecuteAsync("COMMIT");

        (await building.WaitAsync(TimeSpan.FromMinutes(2))).ShouldWaitAtGate();

        bool Noted(string words) =>
            cut.EventsOf<RunEvent.Note>().Any(note => note.Message.StartsWith(words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_index_build_still_running_behind_a_silent_network_is_adopted()
    {
        await using TestDatabase db = await VerifiedAsync();
        await using NetworkProxy network = new(db.ConnectionString);
        await using TestDatabase cut = new(db.Server, "none", network.ConnectionString) { Planning = db.Planning };
        await using Session report = await OldSnapshotAsync(db);
        Task<RunOutcome> building = cut.ApplyAsync(Indexed);
        int pid = await BuildingAsync(db, building);

        await network.CutAsync();
        await Until.TrueAsync(
            () => cut.EventsOf<RunEvent.Note>().Any(note => note.Message.Contains("Trying again")),
            "the connection is given up",
            building
        );
        network.Restore();
        await Until.TrueAsync(
            () => cut.EventsOf<RunEvent.Note>().Any(note => note.Message.Contains("still runs on the server")),
            "the build is adopted",
            building
        );
        (await BuildingAsync(db, building)).ShouldBe(pid);
        await report.ExecuteAsync("COMMIT");

        (await building.WaitAsync(TimeSpan.FromMinutes(2))).ShouldWaitAtGate();
    }

    // The server keeps the first track_activity_query_size bytes of a statement only.
    [Fact]
    public async Task A_statement_longer_than_the_server_remembers_is_recognised()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await using PostgresEngine engine = db.Engine();
        string statement = $"SELECT pg_sleep(60) AS \"{new string('a', 40)}\", '{new string('é', 3000)}'";
        await using Session session = await Session.OpenAsync(db.ConnectionString, "runner that died");
        Task sleeping = session.ExecuteAsync(statement);
        await Eventually.TrueAsync(
            "it is seen",
            () => engine.Execution.Online.IsRunningAsync(statement, CancellationToken.None)
        );

        (
            await engine.Execution.Online.IsRunningAsync(statement.Replace("60", "61"), CancellationToken.None)
        ).ShouldBeFalse();
        await engine.Execution.Online.CancelAsync(statement, CancellationToken.None);
        await Should.ThrowAsync<Npgsql.PostgresException>(sleeping);
    }

    private static async Task<TestDatabase> VerifiedAsync()
    {
        TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.CreateOrdersAsync(2000);
        (await db.ApplyAsync(Indexed, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return db;
    }

    private static Task<Session> OldSnapshotAsync(TestDatabase db) =>
        Session.InTransactionAsync(
            db.ConnectionString,
            "night-report",
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SELECT 1"
        );

    private static Task<bool> IsLateAsync(TestDatabase db) =>
        db.ScalarAsync<bool>("SELECT heartbeat_at < clock_timestamp() - interval '8 s' FROM segue.lease");

    private static async Task<int> BuildingAsync(TestDatabase db, Task<RunOutcome> run)
    {
        int pid = 0;
        await Until.TrueAsync(
            async () =>
                (
                    pid = await db.ScalarAsync<int>(
                        "SELECT coalesce((SELECT max(pid) FROM pg_stat_progress_create_index WHERE datname "
                            + "= current_database() AND phase LIKE 'waiting%'), 0)"
                    )
                ) > 0,
            "the build waits",
            run
        );
        return pid;
    }
}
