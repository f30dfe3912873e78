using Segue.Changes;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Running;

namespace Segue.Bench;

/// <summary>
/// Segue's own road: the time is that of the backfill stage, from its first to its last batch, trigger installed.
/// </summary>
internal static class SegueFill
{
    public static Change Change { get; } =
        Adding(
            new AddColumn
            {
                Table = new TableName(null, "orders"),
                Name = "currency",
                Type = "char(3)",
                Nullable = false,
                Backfill = SampleTable.Expression,
            }
        );

    /// <summary>The shop's orders get their currency, with all that belongs to it.</summary>
    public static Change ShopChange { get; } =
        Adding(
            new AddColumn
            {
                Table = new TableName(null, "orders"),
                Name = "currency",
                Type = "char(3)",
                Nullable = false,
                Backfill = "coalesce(region_currency(region), 'USD')",
                Check = "currency ~ '^[A-Z]{3}$'",
                References = new ForeignKeyReference { Table = new TableName(null, "currencies"), Columns = ["code"] },
                Index = true,
            }
        );

    public static Change Adding(AddColumn column) =>
        new()
        {
            Name = "bench",
            ContentHash = "bench",
            Operations = [column],
        };

    public static Task<TimeSpan> RunAsync(string connectionString, CancellationToken cancel) =>
        RunAsync(connectionString, Change, cancel);

    public static async Task<TimeSpan> RunAsync(
        string connectionString,
        Change change,
        CancellationToken cancel,
        Action<BackfillProgress>? filled = null
    )
    {
        await using PostgresEngine engine = new(connectionString);
        long started = 0;
        TimeSpan took = default;
        Runner runner = new(engine, new RunOptions { Runner = "bench" }, Observe, TimeProvider.System);
        RunOutcome outcome = await runner.ApplyAsync(
            change,
            new Engines.PlanOptions { SmallTableBytes = 0 },
            new ApplyRequest { Until = StageName.Backfill, Origin = new ChangeOrigin(null, null, null) },
            cancel
        );
        return outcome is RunOutcome.StoppedAfter ? took : throw new InvalidOperationException(outcome.ToString());

        void Observe(RunEvent happened)
        {
            switch (happened)
            {
                case RunEvent.StepStarted { Step: BackfillStep }:
                    // The sweep is a second one: the time is that of both and of what is between.
                    started = started != 0 ? started : TimeProvider.System.GetTimestamp();
                    break;
                case RunEvent.Filled { Progress: BackfillProgress progress }:
                    filled?.Invoke(progress);
                    break;
                case RunEvent.StepEnded { Step: BackfillStep }:
                    took = TimeProvider.System.GetElapsedTime(started);
                    break;
            }
        }
    }
}
