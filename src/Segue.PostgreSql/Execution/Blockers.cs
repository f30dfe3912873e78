using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Execution;

/// <summary>Finds sessions whose locks would make a strong lock queue.</summary>
internal sealed class Blockers(Database primary, IReadOnlyList<Database> standbys)
{
    /// <summary>Ordinary requests take less. Do not queue behind a session that holds a lock longer.</summary>
    private const int LongerThanMs = 150;

    /// <param name="modes">Relation (quoted, qualified) and the strong mode wanted on it.</param>
    /// <param name="own">The session that wants them, and may hold some already; 0 for none.</param>
    public async Task<IReadOnlyList<Blocker>> LongHoldersAsync(
        IReadOnlyList<(string Relation, string Mode)> modes,
        int own,
        CancellationToken cancel
    )
    {
        List<Blocker> found = [.. await HoldersAsync(primary, modes, new HolderSearch(LongerThanMs, own), cancel)];

        // Only ACCESS EXCLUSIVE is replayed; on a standby it waits for every reader.
        (string, string)[] replayed = [.. modes.Where(wanted => wanted.Mode == Catalog.Locks.AccessExclusive)];
        if (replayed.Length > 0 && standbys.Count > 0)
        {
            ServerIdentity written = await ServerIdentity.OfAsync(primary, cancel);
            foreach (Database standby in standbys)
            {
                found.AddRange(await OnStandbyAsync(standby, written, replayed, cancel));
            }
        }

        return found;
    }

    private static async Task<IReadOnlyList<Blocker>> OnStandbyAsync(
        Database standby,
        ServerIdentity written,
        IReadOnlyList<(string Relation, string Mode)> replayed,
        CancellationToken cancel
    )
    {
        try
        {
            switch ((await ServerIdentity.OfAsync(standby, cancel)).ReplicaOf(written))
            {
                case ReplicaKind.Primary:
                    // The primary was checked above, and on a standby our own session is not a reader to wait for.
                    return [];
                case not ReplicaKind.Standby and var kind:
                    throw new StandbyException(NamedReplicas.FindingOf(standby.Host, kind)!);
            }

            return await HoldersAsync(
                standby,
                replayed,
                new HolderSearch(LongerThanMs, 0) { Standby = standby.Host },
                cancel
            );
        }
        catch (NpgsqlException error) when (error is not StandbyException)
        {
            throw new StandbyException(standby.Host, error);
        }
    }

    /// <summary>Sessions that hold a lock now, however briefly: reported after a failed attempt.</summary>
    public Task<IReadOnlyList<Blocker>> HoldersAsync(
        IReadOnlyList<(string Relation, string Mode)> modes,
        int own,
        CancellationToken cancel
    ) => HoldersAsync(primary, modes, new HolderSearch(0, own), cancel);

    private static async Task<IReadOnlyList<Blocker>> HoldersAsync(
        Database database,
        IReadOnlyList<(string Relation, string Mode)> modes,
        HolderSearch search,
        CancellationToken cancel
    ) =>
        modes.Count == 0
            ? []
            :
            [
                .. (
                    await database.QueryAsync(
                        Query,
                        row => Read(row, search.Standby),
                        cancel,
                        modes.Select(wanted => wanted.Relation).ToArray(),
                        modes.Select(wanted => ConflictsWith(wanted.Mode)).ToArray(),
                        search.LongerThanMs,
                        search.Own
                    )
                ).DistinctBy(blocker => (blocker.Session, blocker.Transaction)),
            ];

    private static Blocker Read(NpgsqlDataReader row, string? standby)
    {
        int pid = row.GetInt32(0);
        string? gid = row.Nullable<string>(7);
        return new Blocker
        {
            Session = gid is null ? $"pid {pid}" : "a prepared transaction",
            Transaction = row.GetString(9),
            User = row.Nullable<string>(1),
            Application = row.Nullable<string>(2) is { Length: > 0 } application
                ? application
                : row.Nullable<string>(8),
            State = row.Nullable<string>(3),
            TransactionAge = row.Nullable<double?>(4) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Query = row.Nullable<string>(5),
            Relation = row.GetString(6),
            Standby = standby,
            Remedy = gid is null ? $"SELECT pg_terminate_backend({pid})" : $"ROLLBACK PREPARED {Sql.Literal(gid)}",
        };
    }

    /// <summary>
    /// The modes that conflict, by the names of <c>pg_locks</c>. Documentation: "Conflicting Lock Modes".
    /// </summary>
    private static string ConflictsWith(string mode) =>
        mode switch
        {
            Catalog.Locks.AccessExclusive =>
                "AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,"
                    + "ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
            Catalog.Locks.ShareRowExclusive =>
                "RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,"
                    + "ExclusiveLock,AccessExclusiveLock",
            Catalog.Locks.Share =>
                "RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
            Catalog.Locks.RowExclusive => "ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
            Catalog.Locks.AccessShare => "AccessExclusiveLock",
            _ => "ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
        };

    // An ordinary autovacuum yields to the patient lock, so we do not wait for it here; one against wraparound does not
    // yield. An ordinary role sees neither kind nor age of other roles' sessions (backend_type is NULL): whether they
    // stay shows in the next poll. For a session that holds no more than a vacuum does, the patient lock waits.
    private const string Query = """
        SELECT coalesce(l.pid, 0), coalesce(a.usename::text, p.owner::text), a.application_name, a.state,
               extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8,
                   left(regexp_replace(a.query, '\s+', ' ', 'g'), 200),
               w.relation, p.gid, a.backend_type, l.virtualtransaction
        FROM unnest($1, $2) AS w(relation, modes)
        JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = to_regclass(w.relation) AND l.granted
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                 AND l.mode = ANY (string_to_array(w.modes, ','))
        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.virtualtransaction = l.virtualtransaction
            AND x.locktype = 'transactionid'
        LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid
        WHERE (l.pid IS NULL OR l.pid NOT IN (pg_backend_pid(), $4))
          AND NOT (coalesce(a.backend_type, '') = 'autovacuum worker'
              AND coalesce(a.query, '') NOT LIKE '%to prevent wraparound%')
          AND NOT ($3 > 0 AND a.pid IS NOT NULL AND a.backend_type IS NULL AND l.mode = 'ShareUpdateExclusiveLock')
          AND (l.pid IS NULL OR a.xact_start IS NULL
              OR clock_timestamp() - a.xact_start > make_interval(secs => $3 / 1000.0))
        ORDER BY a.xact_start NULLS LAST LIMIT 5
        """;

    private sealed record HolderSearch(int LongerThanMs, int Own)
    {
        public string? Standby { get; init; }
    }
}
