using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Which tables are published, so that their updates and deletes need a replica identity.</summary>
internal static class Publications
{
    /// <summary>Those of the database.</summary>
    public static async Task<IReadOnlySet<long>> TablesAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        (await connection.QueryAsync(Query(connection), row => row.GetInt64(0), cancel)).ToHashSet();

    /// <summary>Those of the given ones, by their names.</summary>
    public static async Task<IReadOnlySet<string>> AmongAsync(
        NpgsqlConnection connection,
        string[] tables,
        CancellationToken cancel
    ) =>
        (
            await connection.QueryAsync(
                "SELECT name FROM unnest($1) AS name WHERE to_regclass(name)::oid::bigint IN (SELECT oid "
                    + $"FROM ({Query(connection)}) AS published)",
                row => row.GetString(0),
                cancel,
                (object)tables
            )
        ).ToHashSet();

    // A publication of schemas came with version 15.
    private static string Query(NpgsqlConnection connection) =>
        $"""
            SELECT DISTINCT c.oid::bigint AS oid FROM pg_publication p JOIN pg_class c ON c.relkind = 'r'
                AND c.relpersistence = 'p' AND c.oid >= 16384
            WHERE (p.pubupdate OR p.pubdelete) AND (p.puballtables
              OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prpubid = p.oid
                  AND (r.prrelid = c.oid OR (c.relispartition AND r.prrelid IN (SELECT pg_partition_ancestors(c.oid)))))
              {(
                connection.PostgreSqlVersion.Major < 15
                    ? ""
                    : "OR EXISTS (SELECT FROM pg_publication_namespace s WHERE s.pnpubid = p.oid "
                        + "AND s.pnnspid = c.relnamespace)"
            )})
            """;
}
