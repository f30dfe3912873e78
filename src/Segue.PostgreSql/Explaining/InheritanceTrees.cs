using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Inheritance trees: a statement on a table also affects the tables that inherit from it.</summary>
internal static class InheritanceTrees
{
    /// <summary>The table with its heirs, as if they were its partitions; the table itself if it has none.</summary>
    public static async Task<Table> WithHeirsAsync(NpgsqlConnection connection, Table table, CancellationToken cancel)
    {
        if (!table.Inherits)
        {
            return table;
        }

        IReadOnlyList<(uint Oid, Partition Heir)> heirs = await connection.QueryAsync(
            $"""
            WITH RECURSIVE heirs AS (
              SELECT i.inhrelid, min(i.inhparent::bigint)::oid AS parent FROM pg_inherits i WHERE i.inhparent = $1::oid
                  GROUP BY 1
              UNION SELECT i.inhrelid, i.inhparent FROM heirs JOIN pg_inherits i ON i.inhparent = heirs.inhrelid)
            SELECT DISTINCT ON (c.oid) c.oid, n.nspname::text, c.relname::text,
                {Sql.Qualified("pn.nspname", "p.relname")}, c.relkind,
                pg_relation_size(c.oid), c.relpages::bigint, c.reltuples::float8,
                   pg_get_userbyid(c.relowner)::text, pg_has_role(c.relowner, 'USAGE')
            FROM heirs JOIN pg_class c ON c.oid = heirs.inhrelid AND c.relkind = 'r'
                JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class p ON p.oid = heirs.parent
                JOIN pg_namespace pn ON pn.oid = p.relnamespace
            """,
            row =>
                (
                    row.GetFieldValue<uint>(0),
                    new Partition(
                        row.GetString(1),
                        row.GetString(2),
                        row.GetString(3),
                        row.GetChar(4),
                        new TableSize(row.GetInt64(5), row.GetInt64(6), row.GetDouble(7)),
                        100
                    )
                    {
                        Owner = row.GetString(8),
                        IsOwnerOrMember = row.GetBoolean(9),
                    }
                ),
            cancel,
            (long)table.Oid
        );
        List<Partition> sized = [];
        foreach ((uint oid, Partition heir) in heirs)
        {
            sized.Add(heir with { Size = await connection.WithRowsAsync(heir.Size, oid, cancel) });
        }

        return table with
        {
            Partitions = sized,
        };
    }

    /// <summary>Its topmost ancestors, each with its heirs; the table itself if it inherits from none.</summary>
    public static async Task<IReadOnlyList<Table>> RootsAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    )
    {
        if (!table.Inherits)
        {
            return [table];
        }

        IReadOnlyList<(string Schema, string Name)> tops = await connection.QueryAsync(
            """
            WITH RECURSIVE above AS (SELECT $1::oid AS oid UNION SELECT i.inhparent FROM above
                JOIN pg_inherits i ON i.inhrelid = above.oid)
            SELECT n.nspname::text, c.relname::text FROM above JOIN pg_class c ON c.oid = above.oid
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = above.oid)
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            (long)table.Oid
        );
        List<Table> roots = [];
        foreach ((string schema, string name) in tops)
        {
            roots.AddRange(
                await CatalogReader.FindAsync(connection, new Changes.TableName(schema, name), cancel) is { } top
                    ? [await WithHeirsAsync(connection, top, cancel)]
                    : Array.Empty<Table>()
            );
        }

        return roots;
    }
}
