using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Looks for acknowledged commits that the database no longer contains.</summary>
internal sealed class ForgottenCommits(Database database, LedgerMark mark)
{
    public async Task<string?> FindAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);

        // Refused by a standby: writes that it has not replayed yet are not lost.
        await connection.ExecuteAsync("SELECT pg_current_xact_id()", cancel);
        if (!await connection.ScalarAsync<bool>(LedgerCreation.ExistsQuery, cancel))
        {
            return "the ledger, schema segue";
        }

        return await ForgottenRowsAsync(connection, cancel) ?? await ForgottenEventAsync(connection, cancel);
    }

    private async Task<string?> ForgottenEventAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        mark.Event is { } last
        && !await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM segue.event WHERE id = $1 AND hash = $2)",
            cancel,
            last.Id,
            last.Hash
        )
            ? $"event {last.Id}, \"{last.What}\""
            : null;

    /// <summary>
    /// Batches commit asynchronously: a crash of the same server loses the last ones, and they run again.
    /// </summary>
    private async Task<string?> ForgottenRowsAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (
            mark.Timeline is null
            || await PostgresLeases.TimelineAsync(connection, cancel) is not { } timeline
            || timeline == mark.Timeline
        )
        {
            return null;
        }

        foreach ((BackfillKey key, long rows) in mark.Rows)
        {
            long held =
                await connection.ScalarAsync<long?>(
                    "SELECT rows_done FROM segue.backfill WHERE change = $1 AND step = $2 AND relation = $3",
                    cancel,
                    key.Change,
                    key.Step,
                    key.Relation
                ) ?? 0;
            if (held < rows)
            {
                return $"batches of {key.Relation}: it had filled {Plain.Count(rows)} rows, and the ledger has "
                    + $"{Plain.Count(held)}";
            }
        }

        return null;
    }
}
