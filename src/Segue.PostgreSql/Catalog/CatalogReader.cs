using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>Reads facts from <c>pg_catalog</c>. Reads only.</summary>
internal static class CatalogReader
{
    public static async Task<ServerFacts> ServerAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (
            await connection.QueryAsync(
                """
                SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
                    current_setting('is_superuser') = 'on',
                       (SELECT array_agg(s::text ORDER BY n)
                           FROM unnest(current_schemas(false)) WITH ORDINALITY AS path(s, n) WHERE s !~ '^pg_temp_'),
                           current_user::text, pg_backend_pid(),
                       current_setting('default_transaction_read_only') = 'on',
                           (SELECT array_agg(current_setting(name) ORDER BY position)
                           FROM unnest($1) WITH ORDINALITY AS wanted(name, position)),
                       (SELECT setting::int FROM pg_settings WHERE name = 'deadlock_timeout')
                """,
                row => new ServerFacts
                {
                    VersionNumber = row.GetInt32(0),
                    InRecovery = row.GetBoolean(1),
                    IsReadOnly = row.GetBoolean(6),
                    IsSuperuser = row.GetBoolean(2),
                    SearchPath = row.Nullable<string[]>(3) ?? [],
                    Role = row.GetString(4),
                    IsBehindPooler = row.GetInt32(5) != connection.ProcessID,
                    DeadlockTimeoutMs = row.GetInt32(8),
                    Settings = ValueSettings.AsPlanned(row.GetFieldValue<string[]>(7)),
                },
                cancel,
                (object)ValueSettings.All.ToArray()
            )
        )[0];

    /// <summary>Null when nothing of that name is visible.</summary>
    public static Task<uint?> OidAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel)
    {
        string quoted = name.Schema is null ? Sql.Name(name.Name) : Sql.Name(name.Schema, name.Name);
        return connection.ScalarAsync<uint?>("SELECT to_regclass($1)::oid", cancel, quoted);
    }

    /// <summary>Null when no such table is visible.</summary>
    public static async Task<Table?> FindAsync(NpgsqlConnection connection, TableName name, CancellationToken cancel)
    {
        if (await OidAsync(connection, name, cancel) is not { } oid)
        {
            return null;
        }

        IReadOnlyList<Table> found = await connection.QueryAsync(TableQuery, row => Read(row, oid), cancel, (long)oid);
        if (found.Count == 0)
        {
            // Dropped a moment ago: a snapshot still has its row, and no file is left.
            return null;
        }

        return found[0] with
        {
            Size = await connection.WithRowsAsync(found[0].Size, oid, cancel),
            Triggers = await connection.QueryAsync(
                $$"""
                SELECT DISTINCT tgname::text, tgtype FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'
                    AND tgname !~ '{{ObjectNames.OwnTriggers}}'
                  AND tgrelid IN {{Sql.Tree("$1::oid")}}
                      ORDER BY 1
                """,
                row => new UserTrigger(row.GetString(0), row.GetInt16(1)),
                cancel,
                (long)oid
            ),
            Partitions = found[0].Kind == 'p' ? await PartitionsAsync(connection, oid, cancel) : [],
        };
    }

    /// <summary>
    /// Appended to a value, it compares with each column as a foreign key does: in the column's collation, without the
    /// trailing blanks of <c>char(n)</c>.
    /// </summary>
    public static Task<IReadOnlyList<string>> CastsToAsync(
        NpgsqlConnection connection,
        Table table,
        IReadOnlyList<string> columns,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            """
            SELECT concat(CASE WHEN a.atttypid = 'bpchar'::regtype THEN '::bpchar' END,
                          (SELECT format(' COLLATE "%s"."%s"', replace(n.nspname, '"', '""'),
                              replace(l.collname, '"', '""')) FROM pg_collation l
                              JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = a.attcollation))
            FROM unnest($2) WITH ORDINALITY AS named(name, position) LEFT JOIN pg_attribute a ON a.attrelid = $1::oid
                AND a.attname = named.name AND NOT a.attisdropped ORDER BY position
            """,
            row => row.GetString(0),
            cancel,
            (long)table.Oid,
            columns.ToArray()
        );

    /// <summary>
    /// NOT NULL constraints (18) that were never proven, or that children do not inherit: a primary key cannot use one.
    /// </summary>
    public static Task<IReadOnlyList<(string Name, string Column)>> UnprovenNotNullsAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            "SELECT k.conname::text, a.attname::text FROM pg_constraint k JOIN pg_attribute a ON "
                + "a.attrelid = k.conrelid AND a.attnum = k.conkey[1] WHERE k.conrelid = $1::oid AND k.contype = "
                + "'n' AND (NOT k.convalidated OR k.connoinherit)",
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            (long)table.Oid
        );

    public static Task<IReadOnlyList<string>> NullableColumnsAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT "
                + "attisdropped AND NOT attnotnull",
            row => row.GetString(0),
            cancel,
            (long)table.Oid
        );

    /// <summary>Columns, or expressions, of the partition key, at any depth.</summary>
    public static Task<IReadOnlyList<string>> PartitionKeysAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            SELECT DISTINCT coalesce(a.attname::text, pg_get_expr(p.partexprs, p.partrelid)) FROM pg_partitioned_table p
                CROSS JOIN unnest(p.partattrs::int2[]) AS key(attnum)
            LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = key.attnum AND key.attnum > 0
            WHERE p.partrelid IN {Sql.Tree("$1::oid")}
            """,
            row => row.GetString(0),
            cancel,
            (long)table.Oid
        );

    /// <summary>Columns that unfinished changes keep filled: those that their insert triggers check.</summary>
    public static Task<IReadOnlyList<string>> ColumnsBeingFilledAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $$"""
            SELECT DISTINCT a.attname::text FROM pg_trigger t
            JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.tgrelid
            JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = d.refobjsubid AND a.attnum > 0
            WHERE t.tgrelid = $1::oid AND t.tgname ~ '{{ObjectNames.OwnTriggers}}' AND t.tgname LIKE '%\_insert'
            """,
            row => row.GetString(0),
            cancel,
            (long)table.Oid
        );

    private static async Task<IReadOnlyList<Partition>> PartitionsAsync(
        NpgsqlConnection connection,
        uint oid,
        CancellationToken cancel
    )
    {
        IReadOnlyList<(uint Oid, Partition Partition)> partitions = await connection.QueryAsync(
            $"""
            SELECT n.nspname::text, c.relname::text,
                {Sql.Qualified("pn.nspname", "pc.relname")}, c.relkind,
                CASE WHEN c.relkind = 'r' THEN coalesce(pg_relation_size(c.oid), 0) ELSE 0 END, c.relpages::bigint,
                CASE WHEN c.relkind = 'r' THEN c.reltuples ELSE 0 END::float8,
                   coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                       WHERE option_name = 'fillfactor'), 100),
                   pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE'), c.oid,
                       coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)
            FROM pg_partition_tree($1::oid::regclass) tree JOIN pg_class c ON c.oid = tree.relid
                JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_class pc ON pc.oid = tree.parentrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE tree.relid <> $1::oid ORDER BY tree.level, 1, 2
            """,
            row =>
                (
                    row.GetFieldValue<uint>(10),
                    new Partition(
                        row.GetString(0),
                        row.GetString(1),
                        row.GetString(2),
                        row.GetChar(3),
                        new TableSize(row.GetInt64(4), row.GetInt64(5), row.GetDouble(6), row.GetInt64(11)),
                        row.GetInt32(7)
                    )
                    {
                        Owner = row.GetString(8),
                        IsOwnerOrMember = row.GetBoolean(9),
                    }
                ),
            cancel,
            (long)oid
        );
        List<Partition> sized = [];
        foreach ((uint part, Partition partition) in partitions)
        {
            sized.Add(partition with { Size = await connection.WithRowsAsync(partition.Size, part, cancel) });
        }

        return sized;
    }

    private static readonly string TableQuery = $$"""
        SELECT n.nspname::text, c.relname::text, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner)::text,
            pg_has_role(c.relowner, 'USAGE'),
               c.relispartition, EXISTS (SELECT FROM pg_inherits i WHERE NOT c.relispartition AND c.relkind = 'r'
                   AND (i.inhparent = c.oid OR i.inhrelid = c.oid)),
               c.reloftype <> 0, row_security_active(c.oid),
               coalesce((SELECT array_agg(p.pubname::text ORDER BY 1) FROM pg_publication p WHERE p.puballtables
                   OR EXISTS (
                   SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname AND t.schemaname = n.nspname
                       AND t.tablename = c.relname)), '{}'),
               EXISTS (SELECT FROM pg_publication_tables t JOIN pg_publication p USING (pubname)
                       JOIN pg_class l ON l.relkind = 'r'
                           AND l.oid IN {{Sql.Tree("c.oid")}}
                           JOIN pg_namespace ln ON ln.oid = l.relnamespace
                       WHERE p.pubupdate AND (t.schemaname, t.tablename) IN ((n.nspname, c.relname),
                           (ln.nspname, l.relname))
                         AND (l.relreplident = 'n'
                             OR (l.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = l.oid
                             AND i.indisprimary)))),
               CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_relation_size(c.oid), 0) ELSE 0 END,
                   c.relpages::bigint, c.reltuples::float8,
               coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                   WHERE option_name = 'fillfactor'), 100),
               coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND a.attname !~ '{{ObjectNames.KeptColumns}}'), '{}'),
               coalesce((SELECT array_agg(a.attname::text ORDER BY k.position) FROM pg_index i,
                   unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
                   JOIN pg_attribute a ON a.attrelid = $1::oid AND a.attnum = k.attnum WHERE i.indrelid = c.oid
                       AND i.indisprimary), '{}'),
               coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attgenerated <> ''), '{}'),
               has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'), c.relnatts,
               coalesce((SELECT array_agg(r.rulename::text ORDER BY 1) FROM pg_rewrite r WHERE r.ev_class = c.oid
                   AND r.ev_type = '2'), '{}'),
               coalesce((SELECT array_agg(r.rulename::text ORDER BY 1) FROM pg_rewrite r WHERE r.ev_class = c.oid
                   AND r.ev_type = '4'), '{}'),
               coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0), getdatabaseencoding() IN ('UTF8', 'LATIN1'),
               coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1
                   AND a.attstorage <> 'p'), '{}'),
               coalesce((SELECT array_agg(r.rulename::text ORDER BY 1) FROM pg_rewrite r WHERE r.ev_class = c.oid
                   AND r.ev_type = '3'), '{}')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = $1::oid AND (c.relkind NOT IN ('r', 'm') OR pg_relation_size(c.oid) IS NOT NULL)
        """;

    private static Table Read(NpgsqlDataReader row, uint oid) =>
        new()
        {
            Oid = oid,
            Schema = row.GetString(0),
            Name = row.GetString(1),
            Kind = row.GetChar(2),
            Persistence = row.GetChar(3),
            Owner = row.GetString(4),
            IsOwnerOrMember = row.GetBoolean(5),
            IsPartition = row.GetBoolean(6),
            Inherits = row.GetBoolean(7),
            IsTyped = row.GetBoolean(8),
            RowSecurityApplies = row.GetBoolean(9),
            Publications = row.GetFieldValue<string[]>(10),
            UpdatesWouldFail = row.GetBoolean(11),
            Size = new TableSize(
                row.GetInt64(12),
                row.GetInt64(13),
                row.GetChar(2) is 'r' or 'm' ? row.GetDouble(14) : 0,
                row.GetInt64(23)
            ),
            EncodingIsUnicode = row.GetBoolean(24),
            FillFactor = row.GetInt32(15),
            Columns = row.GetFieldValue<string[]>(16),
            PrimaryKey = row.GetFieldValue<string[]>(17),
            GeneratedColumns = row.GetFieldValue<string[]>(18),
            CanLock = row.GetBoolean(19),
            Attributes = row.GetInt16(20),
            InsertRules = row.GetFieldValue<string[]>(26),
            UpdateRules = row.GetFieldValue<string[]>(21),
            DeleteRules = row.GetFieldValue<string[]>(22),
            ToastableColumns = row.GetFieldValue<string[]>(25),
            Triggers = [],
            Partitions = [],
        };
}
