using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Throttling;

/// <summary>Is an app active? Then the backfill leaves it its share.</summary>
internal sealed class AppActivity(Database database) : ISignal
{
    public string Name => "activity";

    public async Task<Reading> ReadAsync(CancellationToken cancel) =>
        await database.ScalarAsync<bool>($"SELECT {IsSeenWithin("1 s")}", cancel) ? Reading.AtWork : Reading.Go;

    // The activity of another role's session is hidden from an ordinary role: it counts as active.
    public static string IsSeenWithin(string interval) =>
        $"""
            EXISTS (SELECT FROM pg_stat_activity WHERE coalesce(backend_type, 'client backend') = 'client backend'
                AND datname IS NOT NULL
              AND application_name <> current_setting('application_name') AND pid <> pg_backend_pid()
              AND (state IS NULL OR state = 'active' OR state_change > clock_timestamp() - interval '{interval}'))
            """;
}
