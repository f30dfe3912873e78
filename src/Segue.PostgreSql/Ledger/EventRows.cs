using Npgsql;
using Segue.Ledger;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Reads the ledger's events.</summary>
internal sealed class EventRows(Database database)
{
    public Task<IReadOnlyList<LedgerEvent>> LatestAsync(string? change, int limit, CancellationToken cancel) =>
        database.QueryAsync(
            """
            SELECT id, at, change, kind, message, hash, previous_hash FROM (
              SELECT * FROM segue.event WHERE $1 IS NULL OR change = $1 ORDER BY id DESC LIMIT $2) AS latest
            ORDER BY id
            """,
            Read,
            cancel,
            TextParameter.Of(change),
            limit
        );

    public Task<IReadOnlyList<LedgerEvent>> AfterAsync(
        string? change,
        long afterId,
        int limit,
        CancellationToken cancel
    ) =>
        database.QueryAsync(
            """
            SELECT id, at, change, kind, message, hash, previous_hash FROM segue.event
            WHERE id > $2 AND ($1 IS NULL OR change = $1) ORDER BY id LIMIT $3
            """,
            Read,
            cancel,
            TextParameter.Of(change),
            afterId,
            limit
        );

    private static LedgerEvent Read(NpgsqlDataReader row) =>
        new(
            row.GetInt64(0),
            row.GetFieldValue<DateTimeOffset>(1),
            row.Nullable<string>(2),
            row.GetString(3),
            row.GetString(4),
            row.GetString(5)
        )
        {
            PreviousHash = row.GetString(6),
        };
}
