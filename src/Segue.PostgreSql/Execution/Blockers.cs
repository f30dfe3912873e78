using Npgsql;
using Segue.Engines;

namespace Segue.PostgreSql.Execution;

/// <summary>Looks for sessions that hold relations in a way a strong lock would queue behind.</summary>
internal sealed class Blockers(Database primary, IReadOnlyList<Database> standbys)
{
    /// <summary>Ordinary requests come and go in less; who holds longer is not worth queueing behind.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// Sessions a strong lock would queue behind for long. Who holds only SHARE UPDATE EXCLUSIVE (a vacuum, an index build) is waited for by the
    /// patient lock that comes first, and so is nobody to look for here.
    /// </summary>
    /// <param name="modes">Relation (quoted, qualified) and the strong mode wanted on it.</param>
    public async Task<IReadOnlyList<Blocker>> LongHoldersAsync(IReadOnlyList<(string Relation, string Mode)> modes, CancellationToken cancel)
    {
        List<Blocker> found = [.. await LongHoldersAsync(primary, modes, null, cancel)];
        foreach (Database standby in standbys)
        {
            // Only ACCESS EXCLUSIVE is replayed; on a standby it waits for every reader.
            (string, string)[] replayed = [.. modes.Where(wanted => wanted.Mode == Planning.Locks.AccessExclusive)];
            found.AddRange(await LongHoldersAsync(standby, replayed, standby.Host, cancel));
        }

        return found;
    }

    /// <summary>Whoever holds now, however briefly and weakly: named after an attempt failed.</summary>
    public async Task<IReadOnlyList<Blocker>> HoldersAsync(IReadOnlyList<(string Relation, string Mode)> modes, CancellationToken cancel) =>
        [.. (await QueryAsync(primary, [.. modes.Select(wanted => (wanted.Relation, Conflicts(wanted.Mode)))], null, cancel)).Select(holder => holder.Blocker)];

    private static async Task<IReadOnlyList<Blocker>> LongHoldersAsync(
        Database database, IReadOnlyList<(string Relation, string Mode)> modes, string? standby, CancellationToken cancel)
    {
        if (modes.Count == 0)
        {
            return [];
        }

        (string, string)[] strong = [.. modes.Select(wanted => (wanted.Relation, Conflicts(wanted.Mode).Replace("ShareUpdateExclusiveLock,", "")))];
        IReadOnlyList<Holder> holders = await QueryAsync(database, strong, standby, cancel);
        List<Blocker> found = [.. holders.Where(holder => holder.Blocker.TransactionAge > Long).Select(holder => holder.Blocker)];
        string[] ofUnknownAge = [.. holders.Where(holder => holder.Blocker.TransactionAge is null).Select(holder => holder.Transaction)];
        if (ofUnknownAge.Length > 0)
        {
            // Without pg_read_all_stats the age of other roles' transactions is hidden: who is still there after a while has been there long.
            await Task.Delay(Long, cancel);
            found.AddRange((await QueryAsync(database, strong, standby, cancel)).Where(holder => ofUnknownAge.Contains(holder.Transaction)).Select(holder => holder.Blocker));
        }

        return found;
    }

    private static Task<IReadOnlyList<Holder>> QueryAsync(
        Database database, IReadOnlyList<(string Relation, string Modes)> conflicts, string? standby, CancellationToken cancel) =>
        database.QueryAsync(
            Query,
            row => new Holder(Read(row, standby), row.GetString(9)),
            cancel,
            conflicts.Select(conflict => conflict.Relation).ToArray(),
            conflicts.Select(conflict => conflict.Modes).ToArray());

    private static Blocker Read(NpgsqlDataReader row, string? standby)
    {
        int pid = row.GetInt32(0);
        string? gid = row.Nullable<string>(7);
        return new Blocker
        {
            Pid = pid,
            User = row.Nullable<string>(1),
            Application = row.Nullable<string>(2) is { Length: > 0 } application ? application : row.Nullable<string>(8),
            State = row.Nullable<string>(3),
            TransactionAge = row.Nullable<double?>(4) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Query = row.Nullable<string>(5),
            Relation = row.GetString(6),
            Standby = standby,
            Remedy = gid is null ? $"SELECT pg_terminate_backend({pid})" : $"ROLLBACK PREPARED {Sql.Literal(gid)}",
        };
    }

    /// <summary>The modes that conflict, by the names of <c>pg_locks</c>. Documentation: "Conflicting Lock Modes".</summary>
    private static string Conflicts(string mode) => mode switch
    {
        Planning.Locks.AccessExclusive => "AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
        Planning.Locks.ShareRowExclusive => "RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
        Planning.Locks.Share => "RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
        _ => "ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock",
    };

    private const string Query =
        """
        SELECT coalesce(l.pid, 0), coalesce(a.usename::text, p.owner::text), a.application_name, a.state,
               extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8, left(regexp_replace(a.query, '\s+', ' ', 'g'), 200),
               w.relation, p.gid, a.backend_type, coalesce(l.virtualtransaction, '')
        FROM unnest($1, $2) AS w(relation, modes)
        JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = to_regclass(w.relation) AND l.granted
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.mode = ANY (string_to_array(w.modes, ','))
        LEFT JOIN pg_stat_activity a ON a.pid = l.pid
        LEFT JOIN pg_prepared_xacts p ON l.pid IS NULL AND l.virtualtransaction = '-1/' || p.transaction::text
        WHERE (l.pid IS NULL OR l.pid <> pg_backend_pid())
        ORDER BY a.xact_start NULLS LAST LIMIT 20
        """;

    /// <param name="Transaction">Tells two transactions of one session apart.</param>
    private sealed record Holder(Blocker Blocker, string Transaction);
}
