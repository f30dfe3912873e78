using Npgsql;
using Segue.Execution;
using Segue.Ledger;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>What a runner writes after another one took over is not written, whatever moment it comes at.</summary>
public class FenceTests
{
    private const string Change =
        "operations:\n  - add_column: { table: orders, name: code, type: bigint, nullable: false, backfill: id }";

    /// <summary>
    /// Of a runner that lives on and does not know yet: its next write fails, be it a batch or a step.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_runner_whose_lease_another_took_in_the_middle_of_a_fill_writes_nothing_more(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        await using PostgresEngine other = db.Engine();
        IReadOnlyList<string>? taken = null;
        db.Happened = happened =>
        {
            if (happened is RunEvent.Filled && taken is null)
            {
                TakeOver(db, other);
                taken = State(db);
            }
        };

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.AnotherRunner>().Holder.Runner.ShouldBe("other");

        State(db).ShouldBe(taken);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_runner_whose_lease_another_took_before_a_step_does_not_take_that_step(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        await using PostgresEngine other = db.Engine();
        IReadOnlyList<string>? taken = null;
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted && taken is null)
            {
                TakeOver(db, other);
                taken = State(db);
            }
        };

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.AnotherRunner>();

        State(db).ShouldBe(taken);
        State(db).ShouldNotContain("column code");
    }

    /// <summary>
    /// Between the check and the commit nobody can take over; the runner's own heartbeat is not stopped.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_write_that_passed_the_fence_commits_before_another_runner_takes_over(int major)
    {
        await using TestDatabase db = await OrdersAsync(major);
        await using PostgresEngine engine = db.Engine();
        Lease lease = (await engine.Records.Leases.TryAcquireAsync("one", TimeSpan.FromMinutes(1), default)).Lease!;
        await using NpgsqlConnection writer = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await writer.BeginTransactionAsync();
        await writer.ExecuteAsync($"SELECT segue.fence({lease.Token})", default);

        PostgresException taking = await Should.ThrowAsync<PostgresException>(() =>
            db.ExecuteAsync("SELECT FROM segue.lease FOR UPDATE NOWAIT")
        );

        taking.SqlState.ShouldBe(PostgresErrorCodes.LockNotAvailable);
        (await engine.Records.Leases.RenewAsync(lease, TimeSpan.FromMinutes(1), default)).ShouldBeTrue();
        await transaction.CommitAsync();
        await db.ExecuteAsync("SELECT FROM segue.lease FOR UPDATE NOWAIT");
    }

    private static async Task<TestDatabase> OrdersAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);

        // A heartbeat that notices the loss would end the run before it meets the fence.
        db.LeaseTime = TimeSpan.FromHours(1);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 100000)"
        );
        return db;
    }

    private static void TakeOver(TestDatabase db, PostgresEngine other)
    {
        db.ExecuteAsync("UPDATE segue.lease SET expires_at = '-infinity'").GetAwaiter().GetResult();
        other
            .Records.Leases.TryAcquireAsync("other", TimeSpan.FromMinutes(1), default)
            .GetAwaiter()
            .GetResult()
            .Lease.ShouldNotBeNull();
    }

    /// <summary>What the runner writes to: ledger, catalog and rows.</summary>
    private static IReadOnlyList<string> State(TestDatabase db) =>
        db.ColumnAsync(
                """
                SELECT format('%s %s %s', status, stage, gate) FROM segue.change
                UNION ALL SELECT format('%s %s', id, state) FROM segue.step
                UNION ALL SELECT format('%s %s', rows_done, blocks_done) FROM segue.backfill
                UNION ALL SELECT format('%s %s', kind, message) FROM segue.event
                UNION ALL SELECT format('column %s', attname) FROM pg_attribute
                    WHERE attrelid = 'orders'::regclass AND attnum > 0
                UNION ALL SELECT format('updates %s', xmin) FROM (SELECT DISTINCT xmin::text FROM orders) AS rows
                ORDER BY 1
                """
            )
            .GetAwaiter()
            .GetResult();
}
