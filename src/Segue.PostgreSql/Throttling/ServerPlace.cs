using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Throttling;

/// <summary>A directory that the server writes to while tables are filled or indexes are built.</summary>
/// <param name="Holds">Its content, in words.</param>
internal sealed record ServerPlace(PlaceKind Kind, string Holds, string Path)
{
    /// <summary>
    /// None if the server is not on this machine. Without the data directory if our role may not see it.
    /// </summary>
    public static async Task<IReadOnlyList<ServerPlace>> OfAsync(
        Database database,
        IReadOnlyList<string> relations,
        CancellationToken cancel
    ) => await database.QueryAsync(Query, Read, cancel, (object)relations.ToArray());

    private static ServerPlace Read(NpgsqlDataReader row) =>
        new(Enum.Parse<PlaceKind>(row.GetString(0)), row.GetString(1), row.GetString(2));

    // pg_settings leaves out what our role may not see, where current_setting would fail. Tablespace 0 is the
    // database's own; the two that every server has are in its data directory. pg_wal may be a link to another volume:
    // the system follows it.
    private const string Query = """
        WITH tree AS (
          SELECT coalesce(t.relid, to_regclass(relation)) AS oid FROM unnest($1) AS relation
              LEFT JOIN LATERAL pg_partition_tree(to_regclass(relation)) t ON true),
        files AS (
          SELECT c.reltablespace, c.reltoastrelid FROM pg_class c JOIN tree USING (oid)
          UNION SELECT c.reltablespace, 0 FROM pg_index i JOIN tree ON tree.oid = i.indrelid
              JOIN pg_class c ON c.oid = i.indexrelid),
        spaces AS (
          SELECT CASE reltablespace WHEN 0 THEN (SELECT dattablespace FROM pg_database
              WHERE datname = current_database()) ELSE reltablespace END AS oid, false AS is_temporary FROM files
          UNION SELECT c.reltablespace, false FROM files JOIN pg_class c ON c.oid = files.reltoastrelid
          UNION SELECT oid, false FROM pg_tablespace WHERE spcname = current_setting('default_tablespace')
          UNION SELECT s.oid, true FROM unnest(string_to_array(current_setting('temp_tablespaces'), ',')) AS name
              JOIN pg_tablespace s ON s.spcname = trim(BOTH ' "' FROM name)),
        data AS (SELECT setting AS path FROM pg_settings WHERE name = 'data_directory')
        SELECT kind, holds, path FROM (
          SELECT 'Data' AS kind, 'the server''s data' AS holds, path FROM data
          UNION ALL SELECT 'Log', 'the write-ahead log', path || '/pg_wal' FROM data
          UNION ALL SELECT 'Tablespace', format('%stablespace %I',
              CASE WHEN bool_and(is_temporary) THEN 'temporary space of index builds, ' END, spcname),
              pg_tablespace_location(s.oid)
            FROM spaces JOIN pg_tablespace s USING (oid) WHERE s.spcname NOT IN ('pg_default', 'pg_global')
                GROUP BY s.oid, s.spcname
        ) AS places
        WHERE path <> '' AND (inet_server_addr() IS NULL OR inet_server_addr() << '127.0.0.0/8'
            OR inet_server_addr() = '::1')
        """;
}

internal enum PlaceKind
{
    Data,
    Log,
    Tablespace,
}
