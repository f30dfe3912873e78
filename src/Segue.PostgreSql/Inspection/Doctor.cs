using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Inspection;

/// <summary>Checks server, role and database in the way a change uses them.</summary>
internal sealed class Doctor(Database database, IReadOnlyList<Database> standbys) : IDoctor
{
    public async Task<IReadOnlyList<Diagnosis>> ExamineAsync(CancellationToken cancel)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(cancel);
        ServerFacts server = await CatalogReader.ServerAsync(connection, cancel);
        List<Diagnosis> found = [Version(server), Pooler(server)];
        foreach ((string topic, string query) in Questions)
        {
            found.AddRange(await AskAsync(connection, topic, query, cancel));
        }

        IReadOnlyList<Diagnosis> damage = await new LedgerDiagnosis(connection).ExamineAsync(cancel);
        if (damage.Count > 0)
        {
            found.RemoveAll(each => each is { Topic: LedgerDiagnosis.Topic, Health: Health.Good });
        }

        found.AddRange(damage);
        found.AddRange(await new StarDiagnosis(connection).ExamineAsync(server.Role, cancel));
        foreach (Database standby in standbys)
        {
            found.Add(await StandbyAsync(standby, cancel));
        }

        return found;
    }

    internal static Diagnosis Version(ServerFacts server)
    {
        string[] objections =
        [
            .. Refusals.OfVersion(server, "server").Select(problem => $"{problem.What} {problem.Remedy}"),
        ];
        return objections.Length > 0
            ? new Diagnosis("version", Health.Bad, Capital(string.Join(" ", objections)))
            : new Diagnosis(
                "version",
                Health.Good,
                $"PostgreSQL {server.VersionNumber / 10000}.{server.VersionNumber % 10000}, role "
                    + $"{server.Role}, search path {string.Join(", ", server.SearchPath)}."
            );
    }

    /// <summary>Whether a pooler between us and the server assigns sessions of its own.</summary>
    internal static Diagnosis Pooler(ServerFacts server) =>
        Refusals.OfPooler(server, "server") is { } problem
            ? new Diagnosis("pooler", Health.Bad, $"{Capital(problem.What)} {problem.Remedy}")
            : new Diagnosis("pooler", Health.Good, "The connection goes directly to the server.");

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Each query returns rows of health ('good', 'limited', 'bad') and message.</summary>
    private static async Task<IReadOnlyList<Diagnosis>> AskAsync(
        NpgsqlConnection connection,
        string topic,
        string query,
        CancellationToken cancel
    )
    {
        try
        {
            return await connection.QueryAsync(
                query,
                row => new Diagnosis(topic, Enum.Parse<Health>(row.GetString(0), ignoreCase: true), row.GetString(1)),
                cancel
            );
        }
        catch (PostgresException error)
        {
            return [new Diagnosis(topic, Health.Limited, $"Could not be checked: {Errors.Describe(error)}")];
        }
    }

    private async Task<Diagnosis> StandbyAsync(Database standby, CancellationToken cancel)
    {
        try
        {
            ServerIdentity written = await ServerIdentity.OfAsync(database, cancel);
            return
                NamedReplicas.FindingOf(
                    standby.Host,
                    (await ServerIdentity.OfAsync(standby, cancel)).ReplicaOf(written)
                )
                    is { } finding
                ? new Diagnosis(
                    "standby",
                    finding.Remedy is null ? Health.Limited : Health.Bad,
                    $"{finding.What} {finding.Remedy}".TrimEnd()
                )
                : new Diagnosis(
                    "standby",
                    Health.Good,
                    $"{standby.Host} is a standby and can be queried: Segue waits for its readers "
                        + "before it takes a strong lock."
                );
        }
        catch (NpgsqlException error)
        {
            return new Diagnosis(
                "standby",
                Health.Bad,
                $"{standby.Host} cannot be reached: {Errors.Describe(error)} Segue cannot wait for its readers."
            );
        }
    }

    private static readonly (string Topic, string Query)[] Questions =
    [
        (
            "ledger",
            """
            SELECT CASE WHEN n.oid IS NULL THEN CASE WHEN has_database_privilege(current_database(), 'CREATE')
                THEN 'good' ELSE 'bad' END
                        WHEN pg_has_role(n.nspowner, 'USAGE') THEN 'good' ELSE 'bad' END,
                   CASE WHEN n.oid IS NULL AND has_database_privilege(current_database(), 'CREATE')
                       THEN 'There is no ledger yet; the first apply creates it in schema segue. If changes were '
                            'applied here before, schema segue was dropped: see "The ledger is damaged" in '
                            'docs/troubleshooting.md before you apply.'
                        WHEN n.oid IS NULL THEN
                            format('Our role may not create the ledger. `GRANT CREATE ON DATABASE %I TO %I`.',
                            current_database(), current_user)
                        WHEN pg_has_role(n.nspowner, 'USAGE') THEN 'The ledger is there, in schema segue.'
                        ELSE format('The ledger, schema segue, belongs to %I. Connect as that role, or '
                            '`GRANT %1$I TO %I`.', pg_get_userbyid(n.nspowner), current_user) END
            FROM (SELECT) AS one LEFT JOIN pg_namespace n ON n.nspname = 'segue'
            """
        ),
        (
            "connections",
            $"""
            SELECT CASE WHEN free < {Database.SessionsNeeded} THEN 'limited' ELSE 'good' END,
                   format('%s more sessions can connect as %I; a run uses up to {Database.SessionsNeeded}.%s',
                       greatest(free, 0), current_user,
                          CASE WHEN free < {Database.SessionsNeeded} THEN
                              format(' With fewer it waits for a free one, and fails if none becomes free. The bound '
                              'is the %s. Raise it, or end sessions that idle.', bound) ELSE '' END)
            FROM (SELECT free, bound FROM (
                    SELECT current_setting('max_connections')::bigint -
                        current_setting('superuser_reserved_connections')::bigint
                             - coalesce(current_setting('reserved_connections', true)::bigint, 0)
                             - (SELECT sum(numbackends) FROM pg_stat_database) AS free,
                                 'max_connections of the server' AS bound
                    UNION ALL SELECT rolconnlimit - (SELECT count(*) FROM pg_stat_activity
                        WHERE usename = current_user), 'connection limit of the role'
                    FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0 AND NOT rolsuper
                    UNION ALL SELECT datconnlimit - (SELECT numbackends FROM pg_stat_database s WHERE s.datid = d.oid),
                        'connection limit of the database'
                    FROM pg_database d WHERE datname = current_database() AND datconnlimit >= 0
                      AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) AS limits
                  ORDER BY free LIMIT 1) AS least
            """
        ),
        (
            "probing",
            """
            SELECT CASE WHEN has_database_privilege(current_database(), 'TEMP') THEN 'good' ELSE 'bad' END,
                   CASE WHEN has_database_privilege(current_database(), 'TEMP')
                       THEN 'Columns can be tried on empty temporary copies.'
                        ELSE format('Planning needs temporary tables. `GRANT TEMPORARY ON DATABASE %I TO %I`.',
                            current_database(), current_user) END
            """
        ),
        (
            "tables",
            """
            SELECT CASE WHEN count(*) FILTER (WHERE NOT pg_has_role(relowner, 'USAGE')) = 0 THEN 'good'
                ELSE 'limited' END,
                   format('%s of %s tables belong to our role or one it is a member of; only those can be changed.',
                       count(*) FILTER (WHERE pg_has_role(relowner, 'USAGE')), count(*))
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p')
                AND nspname NOT IN ('pg_catalog', 'information_schema', 'segue') AND nspname NOT LIKE 'pg\_%'
            """
        ),
        (
            "sight",
            """
            SELECT CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN 'good' ELSE 'limited' END,
                   CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE')
                       THEN 'Other sessions, their queries and autovacuum workers can be seen.'
                        ELSE format('Other roles'' queries, snapshots and autovacuum workers are hidden: blockers are '
                            'named by pid only, and what stops pruning is not seen. `GRANT pg_read_all_stats TO %I`.',
                            current_user) END
            """
        ),
        (
            "lock-settings",
            """
            SELECT CASE WHEN setting::int < 500 THEN 'limited' ELSE 'good' END,
                   format('deadlock_timeout is %s ms%s', setting,
                       CASE WHEN setting::int < 500
                       THEN '; Segue waits for strong locks half as long at most, which makes them harder to get.'
                       ELSE '.' END)
            FROM pg_settings WHERE name = 'deadlock_timeout'
            """
        ),
        (
            "long-transactions",
            """
            SELECT 'limited', format('pid %s (%s, user %s, %s) is in a transaction for %s min: strong locks on what it '
                   'touched wait for it, index builds too, and filled rows cannot be pruned. '
                   '`SELECT pg_terminate_backend(%s)` would end it.',
                   pid, coalesce(nullif(application_name, ''), backend_type), usename, state,
                       round(extract(epoch FROM clock_timestamp() - xact_start) / 60), pid)
            FROM pg_stat_activity WHERE xact_start < clock_timestamp() - interval '1 min' AND pid <> pg_backend_pid()
                AND backend_type = 'client backend' AND datname = current_database() ORDER BY xact_start LIMIT 10
            """
        ),
        (
            "prepared-transactions",
            "SELECT 'bad', format('Prepared transaction %L of %s is open since %s and keeps its locks. "
                + "`COMMIT PREPARED %1$L` or `ROLLBACK PREPARED %1$L`.', gid, owner, prepared) FROM "
                + "pg_prepared_xacts WHERE database = current_database() LIMIT 10"
        ),
        (
            "slots",
            "SELECT 'limited', format('Replication slot %I is not in use and keeps WAL (%s).', slot_name, "
                + "coalesce(wal_status, 'unknown')) FROM pg_replication_slots WHERE NOT active"
        ),
        (
            "vacuum",
            """
            SELECT 'limited', format('Autovacuum works on %s%s.', c.oid::regclass,
                CASE WHEN a.query LIKE '%to prevent wraparound%'
                THEN ' against wraparound: it does not yield, strong locks on the table wait until it ends'
                ELSE '; it yields to a change after about a second' END)
            FROM pg_stat_progress_vacuum v JOIN pg_class c ON c.oid = v.relid
                LEFT JOIN pg_stat_activity a ON a.pid = v.pid WHERE v.datname = current_database()
            """
        ),
        (
            "invalid-indexes",
            "SELECT 'limited', format('Index %s of %s is invalid: a failed build left it, every write "
                + "still maintains it. `DROP INDEX CONCURRENTLY %1$s`.', indexrelid::regclass, "
                + "indrelid::regclass) FROM pg_index WHERE NOT indisvalid LIMIT 10"
        ),
        (
            "isolation",
            """
            SELECT 'limited', format('default_transaction_isolation is %s: app transactions that meet a row filled '
                'after their snapshot get 40001 and must retry.', setting)
            FROM pg_settings WHERE name = 'default_transaction_isolation' AND setting <> 'read committed'
            """
        ),
    ];
}
