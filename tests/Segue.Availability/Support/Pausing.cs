using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Support;

/// <summary>Pausing and resuming from a connection of one's own, as another terminal does.</summary>
internal static class Pausing
{
    public static async Task RequestPauseAsync(this TestDatabase db, bool paused)
    {
        await using PostgresEngine other = db.Engine();
        await other.Records.Ledger.RequestPauseAsync("0001_test", paused, "by test", CancellationToken.None);
    }

    /// <summary>Asks for a pause after the first batch, and waits until it has come.</summary>
    /// <returns>The run; it ends after verification, once it is resumed.</returns>
    public static async Task<Task<RunOutcome>> PauseMidwayAsync(this TestDatabase db, string yaml)
    {
        bool asked = false;
        db.Happened = happened =>
        {
            if (happened is RunEvent.Filled && !asked)
            {
                asked = true;
                db.RequestPauseAsync(true).GetAwaiter().GetResult();
            }
        };
        Task<RunOutcome> filling = db.ApplyAsync(yaml, StageName.Verify);
        await Until.TrueAsync(
            async () => asked && (await db.FindAsync())?.Status == ChangeStatus.Paused,
            "the backfill is paused",
            filling
        );
        return filling;
    }
}
