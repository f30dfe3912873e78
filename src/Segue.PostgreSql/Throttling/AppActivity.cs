using Segue.Throttling;

namespace Segue.PostgreSql.Throttling;

/// <summary>Is an app at work? Then the backfill leaves it its share. A session that our role may not look into counts as at work.</summary>
internal sealed class AppActivity(Database database) : ISignal
{
    public string Name => "activity";

    public async Task<Reading> ReadAsync(CancellationToken cancel) =>
        await database.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name IS DISTINCT FROM current_setting('application_name')
              AND (backend_type = 'client backend' AND (state = 'active' OR state_change > clock_timestamp() - interval '1 s')
                   OR backend_type IS NULL))
            """,
            cancel)
            ? Reading.AtWork
            : Reading.Go;
}
