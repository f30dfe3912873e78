using System.Data;
using Npgsql;
using Segue.Ledger;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Creates schema <c>segue</c>, upgrades it, and recreates its missing parts.</summary>
internal sealed class LedgerCreation(Database database)
{
    /// <summary>
    /// Serialises creation only; taken for the length of one short transaction. The number is "segue" in ASCII.
    /// </summary>
    public const long CreationLock = 0x7365677565;

    /// <summary>Any of its tables: a damaged ledger must not count as missing.</summary>
    public const string ExistsQuery = """
        SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE nspname = 'segue' AND relkind = 'r'
            AND relname IN ('meta', 'change', 'plan', 'step', 'backfill', 'lease', 'event'))
        """;

    // A change in progress counts as failed: apply and rollback continue from the steps.
    private const string RebuildChanges = """
        INSERT INTO segue.change (name, content_hash, plan_hash, status, stage, rolling_back, error)
        SELECT DISTINCT ON (p.change) p.change, coalesce(substring(p.json FROM '"changeHash":"([^"]*)"'), ''), p.hash,
               CASE WHEN e.kind IN ('completed', 'rolled_back') THEN e.kind ELSE 'failed' END, r.message,
               coalesce(r.message = 'rollback' AND e.kind NOT IN ('completed', 'rolled_back', 'planned'), false),
               CASE WHEN e.kind IN ('completed', 'rolled_back') THEN NULL
                   ELSE 'The ledger was damaged; this record was rebuilt from its events.' END
        FROM segue.plan p
        LEFT JOIN LATERAL (SELECT kind FROM segue.event WHERE change = p.change
            AND kind IN ('planned', 'running', 'waiting', 'failed', 'completed', 'rolled_back')
                           ORDER BY id DESC LIMIT 1) e ON true
        LEFT JOIN LATERAL (SELECT message FROM segue.event WHERE change = p.change AND kind = 'running'
            ORDER BY id DESC LIMIT 1) r ON true
        ORDER BY p.change, p.created_at DESC
        """;

    public async Task EnsureAsync(CancellationToken cancel)
    {
        IReadOnlyList<string> seen = await database.QueryAsync(
            LedgerParts.PresentQuery,
            row => row.GetString(0),
            cancel
        );
        if (
            seen.Contains(LedgerParts.Meta)
            && Checked(await database.ScalarAsync<int>("SELECT version FROM segue.meta", cancel))
                == LedgerSchema.Version
            && LedgerParts.Missing(seen, LedgerSchema.Version).Count == 0
        )
        {
            return;
        }

        await using NpgsqlConnection connection = await database.OpenAsync(cancel);

        // Read committed, whatever the role's default: objects that another runner created while we waited for the lock
        // must be visible.
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(
            IsolationLevel.ReadCommitted,
            cancel
        );
        await connection.ExecuteAsync("SELECT set_config('lock_timeout', '10s', true)", cancel);
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock($1)", cancel, CreationLock);

        // Reads the catalog's tables: to_regnamespace and to_regclass may answer from this session's cache, which the
        // lock does not refresh.
        if (
            !await connection.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'segue')",
                cancel
            )
        )
        {
            await connection.ExecuteAsync("CREATE SCHEMA segue", cancel);
        }

        await CompleteAsync(
            connection,
            await connection.QueryAsync(LedgerParts.PresentQuery, row => row.GetString(0), cancel),
            cancel
        );
        await transaction.CommitAsync(cancel);
    }

    /// <summary>Creates it, upgrades it, and recreates its missing parts.</summary>
    private static async Task CompleteAsync(
        NpgsqlConnection connection,
        IReadOnlyList<string> present,
        CancellationToken cancel
    )
    {
        bool isNew = !LedgerParts.HasLedger(present);
        int? known = present.Contains(LedgerParts.Meta)
            ? await connection.ScalarAsync<int?>("SELECT version FROM segue.meta", cancel)
            : null;

        // Without its version it counts as the newest: missing parts are created.
        int version = Checked(known ?? (isNew ? 0 : LedgerSchema.Version));
        IReadOnlyList<string> missing = LedgerParts.Missing(present, version);
        foreach (
            string statement in LedgerParts.Mending(present, version).Concat(LedgerParts.Upgrading(present, version))
        )
        {
            await connection.ExecuteAsync(statement, cancel);
        }

        await connection.ExecuteAsync(
            "INSERT INTO segue.meta (version) VALUES ($1) ON CONFLICT (only_row) DO UPDATE SET version = "
                + "excluded.version",
            cancel,
            LedgerSchema.Version
        );
        if (missing.Contains(LedgerParts.Change))
        {
            await connection.ExecuteAsync(RebuildChanges, cancel);
        }

        foreach (string key in LedgerParts.MendingKeys(present, version))
        {
            await connection.ExecuteAsync(key, cancel);
        }

        if (missing.Count > 0)
        {
            await connection.ExecuteAsync(
                "SELECT segue.append_event(NULL, 'mended', $1)",
                cancel,
                $"created again: {string.Join(", ", missing)}"
            );
        }
    }

    private static int Checked(int version) =>
        version > LedgerSchema.Version ? throw new LedgerTooNewException(version, LedgerSchema.Version) : version;
}
