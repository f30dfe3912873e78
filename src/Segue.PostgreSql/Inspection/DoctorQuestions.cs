using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Inspection;

/// <summary>
/// What the doctor asks a server by one query each; rows are a health (good, limited, bad) and a message. Bad is what
/// would stop a change or harm the database meanwhile.
/// </summary>
internal static class DoctorQuestions
{
    /// <summary>The tables of apps: who owns them, and whether that is our role or one it is a member of.</summary>
    private const string Owned = """
        WITH owned AS (
          SELECT n.nspname AS schema, pg_get_userbyid(c.relowner) AS owner, pg_has_role(c.relowner, 'USAGE') AS is_ours
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind IN ('r', 'p')
            AND nspname NOT IN ('pg_catalog', 'information_schema', 'segue') AND nspname NOT LIKE 'pg\_%')
        """;

    public static IReadOnlyList<(string Topic, string Query)> All { get; } =
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
            SELECT CASE WHEN free <= 0 OR most < {Database.SessionsNeeded} THEN 'bad'
                        WHEN free < {Database.SessionsNeeded} THEN 'limited' ELSE 'good' END,
                   format('%s more sessions can connect as %I; a run uses up to {Database.SessionsNeeded}.%s%s',
                       greatest(free, 0), current_user,
                       CASE WHEN free < {Database.SessionsNeeded} THEN
                           format(' With fewer it waits for a free one, and fails if none becomes free. The bound '
                           'is the %s. Raise it, or end sessions that idle.', bound) ELSE '' END,
                       CASE WHEN most < {Database.SessionsNeeded} THEN
                           format(' It allows %s in all, which is never enough.', most) ELSE '' END)
            FROM (SELECT free, most, bound FROM (
                    SELECT most - (SELECT sum(numbackends) FROM pg_stat_database) AS free, most,
                        'max_connections of the server' AS bound
                    FROM (SELECT current_setting('max_connections')::bigint
                            - current_setting('superuser_reserved_connections')::bigint
                            - coalesce(current_setting('reserved_connections', true)::bigint, 0) AS most) AS server
                    UNION ALL SELECT rolconnlimit - (SELECT count(*) FROM pg_stat_activity
                        WHERE usename = current_user), rolconnlimit, 'connection limit of the role'
                    FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0 AND NOT rolsuper
                    UNION ALL SELECT datconnlimit - (SELECT numbackends FROM pg_stat_database s WHERE s.datid = d.oid),
                        datconnlimit, 'connection limit of the database'
                    FROM pg_database d WHERE datname = current_database() AND datconnlimit >= 0
                      AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)) AS limits
                  ORDER BY least(free, most - {Database.SessionsNeeded}) LIMIT 1) AS least
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
            $"""
            {Owned}
            SELECT CASE WHEN bool_and(is_ours) IS NOT FALSE THEN 'good' ELSE 'bad' END,
                   format('%s of %s tables belong to our role or one it is a member of; only those can be changed.%s',
                       count(*) FILTER (WHERE is_ours), count(*),
                       (SELECT format(' Not ours: those of %s. `GRANT %I TO %I`, or connect as the owner.',
                           string_agg(DISTINCT quote_ident(other.owner), ', '), min(other.owner), current_user)
                        FROM owned other WHERE NOT other.is_ours HAVING count(*) > 0))
            FROM owned
            """
        ),
        (
            "schemas",
            $"""
            {Owned}
            SELECT 'bad', format('Our role may not create in the schema %I, where %s of its tables are: indexes, '
                'sequences and views cannot be created there. `GRANT USAGE, CREATE ON SCHEMA %1$I TO %3$I`.',
                schema, count(*), current_user)
            FROM owned WHERE is_ours AND NOT has_schema_privilege(schema, 'USAGE, CREATE')
            GROUP BY schema ORDER BY schema
            """
        ),
        (
            "visibility",
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
            """
            SELECT CASE WHEN kept > 1 << 30 OR state IN ('extended', 'unreserved') OR age(xmin) > 1000
                    OR last > interval '1 hour' THEN 'bad'
                ELSE 'limited' END,
                format('Replication slot %I is not in use%s. %s `SELECT pg_drop_replication_slot(%L)` if nobody comes '
                    'back to it.', slot_name, ' for ' || date_trunc('second', last),
                    CASE WHEN state = 'lost' THEN 'Its WAL is gone: nobody can go on from it.'
                         ELSE concat('It keeps ', pg_size_pretty(kept), ' of WAL (', state, ')',
                             CASE WHEN age(xmin) > 1000 THEN ' and old row versions, so that filled tables grow' END,
                             '; every batch adds to it.') END, slot_name)
            FROM (SELECT slot_name, coalesce(wal_status, 'unknown') AS state, xmin,
                    clock_timestamp() - (to_jsonb(s) ->> 'inactive_since')::timestamptz AS last,
                    CASE WHEN pg_is_in_recovery() THEN 0
                        ELSE coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0) END::bigint AS kept
                  FROM pg_replication_slots s WHERE NOT active) AS slot
            """
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
            "autovacuum",
            """
            SELECT 'bad', format('%s is off: nobody cleans up after a backfill, tables and indexes grow, and '
                'statistics grow old. `ALTER SYSTEM SET %s = on`, then `SELECT pg_reload_conf()`.', name, name)
            FROM pg_settings WHERE name IN ('autovacuum', 'track_counts') AND setting = 'off'
            UNION ALL SELECT 'limited', format('Autovacuum is off for %s: after a backfill of it, `VACUUM (ANALYZE)` '
                'manually, or `ALTER TABLE %s RESET (autovacuum_enabled)`.', string_agg(name, ', '), min(name))
            FROM (SELECT c.oid::regclass::text AS name FROM pg_class c
                  CROSS JOIN LATERAL pg_options_to_table(c.reloptions) AS option
                  WHERE c.relkind IN ('r', 'm') AND option_name = 'autovacuum_enabled' AND NOT option_value::boolean
                  ORDER BY 1 LIMIT 10) AS tables HAVING count(*) > 0
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
