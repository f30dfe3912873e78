using Segue.Changes;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.Projects;
using Segue.Running;

namespace Segue.Bench;

/// <summary>
/// Segue's own road: the time is that of the backfill stage, from its first to its last batch, trigger installed.
/// </summary>
internal static class SegueFill
{
    public static Change Change { get; } =
        Of(
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
        Of(
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

    public static Change Of(Operation operation) =>
        new()
        {
            Name = "bench",
            ContentHash = "bench",
            Operations = [operation],
        };

    /// <summary>The database, with every table changed in stages.</summary>
    public static SegueTarget Target(string connectionString) =>
        new(
            SegueProject
                .Open(
                    AppContext.BaseDirectory,
                    settings => settings with { Plan = new Engines.PlanOptions { SmallTableBytes = 0 } }
                )
                .OrThrow(),
            new PostgresEngine(connectionString)
        );

    public static Task<TimeSpan> RunAsync(string connectionString, CancellationToken cancel) =>
        RunAsync(connectionString, Change, cancel);

    public static async Task<TimeSpan> RunAsync(
        string connectionString,
        Change change,
        CancellationToken cancel,
        Action<BackfillProgress>? filled = null
    )
    {
        await using SegueTarget target = Target(connectionString);
        long started = 0;
        TimeSpan took = default;
        PlannedChange shown = (await target.PlanAsync(change, cancel)).OrThrow();
        ApplyRequest request = new() { Until = StageName.Backfill };
        RunOutcome outcome = await target.ApplyAsync(shown, request, events: new RunEvents(Observe), cancel: cancel);
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
