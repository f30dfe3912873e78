using Segue.Availability.Support;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// What ends a change is one transaction; a slow reader in its way delays it and nobody else.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class ContractTests(ITestOutputHelper output)
{
    private const string Read = "SELECT count(*) FROM orders";

    [Theory, PostgresVersions(15)]
    public async Task A_slow_reader_delays_completion_and_fails_no_write(int major)
    {
        await using TestDatabase db = await AtGateAsync(major);
        await using Session reader = await Session.InTransactionAsync(db.ConnectionString, "report-job", Read);
        await using TrafficRun apps = await Bystanders.OfAsync(db.ConnectionString);

        Task<RunOutcome> completing = db.CompleteAsync();
        await EndReaderAsync(db, reader, completing);

        (await completing).ShouldBeCompleted();
        output.WriteLine(await apps.ShouldHaveNoticedNothingAsync());
    }

    [Theory, PostgresVersions(15)]
    public async Task A_slow_reader_delays_a_rollback_and_fails_no_write(int major)
    {
        await using TestDatabase db = await AtGateAsync(major);
        await using Session reader = await Session.InTransactionAsync(db.ConnectionString, "report-job", Read);
        await using TrafficRun apps = await Bystanders.OfAsync(db.ConnectionString);

        Task<RunOutcome> rollingBack = db.RollbackAsync();
        await EndReaderAsync(db, reader, rollingBack);

        (await rollingBack).ShouldBeRolledBack();
        output.WriteLine(await apps.ShouldHaveNoticedNothingAsync());
        (await db.HasColumnAsync("currency")).ShouldBeFalse();
    }

    private static async Task<TestDatabase> AtGateAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.CreateOrdersAsync(2000);
        (await db.ApplyAsync(Tables.Currency)).ShouldWaitAtGate();
        return db;
    }

    private static async Task EndReaderAsync(TestDatabase db, Session reader, Task<RunOutcome> run)
    {
        await Until.TrueAsync(
            async () =>
                db.EventsOf<RunEvent.Blocked>()
                    .Any(blocked => blocked.Blockers.Any(blocker => blocker.Session == $"pid {reader.Pid}"))
                && await reader.IsOlderThanAsync(TimeSpan.FromSeconds(4)),
            "the reader is in the way for a while",
            run
        );
        await reader.ExecuteAsync("COMMIT");
    }
}
