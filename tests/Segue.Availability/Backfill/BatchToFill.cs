using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.Testing;

namespace Segue.Availability.Backfill;

/// <summary>
/// A table of 20,000 orders with a new column, and the one batch that would fill all of it by two sessions.
/// </summary>
internal static class BatchToFill
{
    public static async Task<Batch> PreparedAsync(TestDatabase db, PostgresEngine engine)
    {
        await db.CreateOrdersAsync(20_000);
        (await db.ApplyAsync(Tables.Currency, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        Plan plan = PlanJson.Parse(await engine.Records.Ledger.PlanAsync("0001_test", CancellationToken.None));
        BackfillStep step = plan.Steps().OfType<BackfillStep>().First();
        BackfillTarget target = step.Targets[0];
        TableExtent extent = await engine.Execution.Ranges.MeasureAsync(target.Relation, CancellationToken.None);
        BackfillKey key = new(plan.Change, step.Id, target.Relation);
        BackfillCursor cursor = new() { Whole = extent.Whole, Remaining = extent.Whole };
        Lease lease = (
            await engine.Records.Leases.TryAcquireAsync("test", TimeSpan.FromMinutes(1), CancellationToken.None)
        ).Lease!;
        await engine.Execution.Batches.SaveAsync(key, cursor, lease, CancellationToken.None);
        return new Batch
        {
            Key = key,
            Plan = plan,
            Target = target,
            Range = extent.Whole,
            Mode = FillMode.Rest,
            Cursor = cursor,
            Lease = lease,
            Limit = TimeSpan.FromSeconds(30),
            Workers = 2,
        };
    }
}
