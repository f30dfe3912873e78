using Segue.Execution;
using Segue.Ledger;
using Segue.Projects;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>What a program does with a database, without the command line.</summary>
public sealed class FrontDoorTests
{
    private const string Name = "0001_test";
    private const string Filled = "operations: [{ add_column: { table: t, name: b, type: int, backfill: id } }]";
    private const string Dropped = "operations: [{ drop_table: { table: t } }]";

    [Theory, PostgresVersions(15, 18)]
    public async Task A_watch_of_a_running_change_shows_its_state_at_each_poll(int major)
    {
        await using TestDatabase db = await WithTableAsync(major);
        using CancellationTokenSource stop = new();
        await db.WithTargetAsync(async target =>
        {
            await using IAsyncEnumerator<IReadOnlyList<Standing>> looks = target
                .WatchAsync(TimeSpan.FromMilliseconds(10), stop.Token)
                .GetAsyncEnumerator();
            (await looks.MoveNextAsync()).ShouldBeTrue();
            looks.Current.ShouldBeEmpty();

            (await db.ApplyAsync(Filled)).ShouldWaitAtGate();

            (await looks.MoveNextAsync()).ShouldBeTrue();
            Standing standing = looks.Current.ShouldHaveSingleItem();
            (standing.Name, standing.Status).ShouldBe((Name, ChangeStatus.Waiting));

            await stop.CancelAsync();
            return await Should.ThrowAsync<OperationCanceledException>(async () => await looks.MoveNextAsync());
        });
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task An_apply_cancelled_during_the_fill_is_interrupted_and_can_be_resumed(int major)
    {
        await using TestDatabase db = await WithTableAsync(major);
        using CancellationTokenSource stop = new();
        RunEvents events = new(happened =>
        {
            if (happened is RunEvent.StepStarted { Step: Segue.Planning.BackfillStep })
            {
                stop.Cancel();
            }
        });
        PlannedChange shown = (
            await db.WithTargetAsync(target => target.PlanAsync(TestDatabase.Read(Filled, Name)))
        ).OrThrow();

        RunOutcome outcome = await db.WithTargetAsync(target =>
            target.ApplyAsync(shown, events: events, cancel: stop.Token)
        );

        outcome.ShouldBeOfType<RunOutcome.Interrupted>();
        (await db.ScalarAsync<long>("SELECT count(b) FROM t")).ShouldBe(0);
        (await db.WithTargetAsync(target => target.ApplyAsync(shown))).ShouldWaitAtGate();
        (await db.WithTargetAsync(target => target.CompleteAsync(Name))).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM t WHERE b IS DISTINCT FROM id")).ShouldBe(0);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_purge_before_its_time_drops_only_what_it_is_told_to_drop_now(int major)
    {
        await using TestDatabase db = await WithTableAsync(major);
        await db.MigrateAsync(Dropped);
        (await db.WithTargetAsync(target => target.KeptAsync())).ShouldHaveSingleItem().What.ShouldBe("public.t");

        (await db.WithTargetAsync(target => target.PurgeAsync(Name))).ShouldBeOfType<RunOutcome.Refused>();
        (await db.WithTargetAsync(target => target.PurgeAsync(Name, now: true)))
            .ShouldBeOfType<RunOutcome.Purged>()
            .Dropped.ShouldBe(["public.t"]);

        (await db.WithTargetAsync(target => target.KeptAsync())).ShouldBeEmpty();
        (await db.WithTargetAsync(target => target.RollbackAsync(Name))).ShouldBeOfType<RunOutcome.Refused>();
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task The_history_of_a_change_is_its_latest_events_with_the_oldest_first(int major)
    {
        await using TestDatabase db = await WithTableAsync(major);
        await db.MigrateAsync(Filled);
        await db.MigrateAsync("operations: [{ add_column: { table: t, name: c, type: int } }]", "0002_other");

        IReadOnlyList<LedgerEvent> events = await db.WithTargetAsync(target => target.HistoryAsync(Name));
        events.ShouldAllBe(entry => entry.Change == Name);
        events
            .Where(entry => entry.Kind == "run")
            .Select(entry => entry.Message)
            .ShouldBe(["apply by test", "complete by test"]);

        IReadOnlyList<LedgerEvent> latest = await db.WithTargetAsync(target => target.HistoryAsync(Name, limit: 2));
        latest.Select(entry => entry.Id).ShouldBe(events.TakeLast(2).Select(entry => entry.Id));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() =>
            db.WithTargetAsync(target => target.HistoryAsync(Name, limit: 0))
        );
    }

    [Theory, PostgresVersions(18)]
    public async Task A_database_without_a_ledger_has_no_history_and_retains_nothing(int major)
    {
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);

        (await db.WithTargetAsync(target => target.HistoryAsync(null))).ShouldBeEmpty();
        (await db.WithTargetAsync(target => target.KeptAsync())).ShouldBeEmpty();
        (await db.WithTargetAsync(target => target.StatusAsync())).ShouldBeEmpty();
        (await db.ScalarAsync<bool>("SELECT to_regnamespace('segue') IS NULL")).ShouldBeTrue();
    }

    private static async Task<TestDatabase> WithTableAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE t AS SELECT n AS id FROM generate_series(1, 100) n");
        return db;
    }
}
