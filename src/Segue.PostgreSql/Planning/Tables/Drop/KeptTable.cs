using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>
/// A dropped table while it can be restored. For each schema that it comes from there is a separate schema, so that the
/// names of its indexes, sequences and types are free.
/// </summary>
internal sealed record KeptTable(Table Table, string Change)
{
    /// <summary>Objects that belong to the table but do not move with it into another schema; exact names.</summary>
    public required IReadOnlyList<(string Schema, string Name)> Statistics { get; init; }

    /// <summary>Publications that name it, and the statement that publishes it again as it was.</summary>
    public required IReadOnlyList<(string Publication, string Relation, string Add)> Publications { get; init; }

    public string Schema { get; } = $"segue_kept_{ObjectNames.Mark(Change, Table.Sql)}";

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Table.Name);

    /// <summary>By original schema: partitions and statistics may be in other schemas than the table.</summary>
    private Dictionary<string, string> Homes =>
        new(
            Relations
                .Concat(Statistics)
                .Select(each => each.Schema)
                .Where(schema => schema != Table.Schema)
                .Distinct()
                .Order(StringComparer.Ordinal)
                .Select((schema, index) => KeyValuePair.Create(schema, $"{Schema}_{index + 2}"))
                .Prepend(KeyValuePair.Create(Table.Schema, Schema))
        );

    private string AtHome((string Schema, string Name) each) =>
        PostgreSql.Connections.Sql.Name(Homes[each.Schema], each.Name);

    private IReadOnlyList<(string Schema, string Name)> Relations =>
        [(Table.Schema, Table.Name), .. Table.Partitions.Select(partition => (partition.Schema, partition.Name))];

    /// <summary>Qualified and quoted, where they are kept.</summary>
    public IEnumerable<string> Kept => Relations.Select(AtHome);

    public IEnumerable<string> Away() =>
        [
            .. Homes.Values.Select(home => $"CREATE SCHEMA {PostgreSql.Connections.Sql.Name(home)}"),
            .. Publications.Select(each =>
                $"ALTER PUBLICATION {PostgreSql.Connections.Sql.Name(each.Publication)} DROP TABLE {each.Relation}"
            ),
            .. Relations.Select(relation =>
                $"ALTER TABLE {PostgreSql.Connections.Sql.Name(relation.Schema, relation.Name)} SET SCHEMA "
                + $"{PostgreSql.Connections.Sql.Name(Homes[relation.Schema])}"
            ),
            .. Statistics.Select(each =>
                $"ALTER STATISTICS {PostgreSql.Connections.Sql.Name(each.Schema, each.Name)} SET SCHEMA "
                + $"{PostgreSql.Connections.Sql.Name(Homes[each.Schema])}"
            ),
        ];

    public IEnumerable<string> Back() =>
        [
            .. Relations.Select(relation =>
                $"ALTER TABLE {AtHome(relation)} SET SCHEMA {PostgreSql.Connections.Sql.Name(relation.Schema)}"
            ),
            .. Statistics.Select(each =>
                $"ALTER STATISTICS {AtHome(each)} SET SCHEMA {PostgreSql.Connections.Sql.Name(each.Schema)}"
            ),
            .. Publications.Select(each => each.Add),
            .. DropHomes,
        ];

    public IEnumerable<string> Gone() => [$"DROP TABLE {Sql}", .. DropHomes];

    private IEnumerable<string> DropHomes =>
        Homes.Values.Select(home => $"DROP SCHEMA {PostgreSql.Connections.Sql.Name(home)}");

    public static async Task<KeptTable> OfAsync(
        NpgsqlConnection connection,
        Table table,
        string change,
        CancellationToken cancel
    ) =>
        new(table, change)
        {
            Statistics = await connection.QueryAsync(
                "SELECT n.nspname::text, s.stxname::text FROM pg_statistic_ext s JOIN pg_namespace n ON "
                    + "n.oid = s.stxnamespace WHERE s.stxrelid IN (SELECT $1::oid UNION SELECT relid FROM "
                    + "pg_partition_tree($1::oid::regclass)) ORDER BY 1, 2",
                row => (row.GetString(0), row.GetString(1)),
                cancel,
                (long)table.Oid
            ),
            Publications = await connection.AsideAsync(
                async () => await PublicationsAsync(connection, table, cancel),
                cancel
            ),
        };

    private static async Task<IReadOnlyList<(string, string, string)>> PublicationsAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    )
    {
        // Columns and rows of a publication: from 15 on.
        bool hasParts = await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'pg_publication_rel'::regclass AND "
                + "attname = 'prqual')",
            cancel
        );
        string columns = hasParts
            ? "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY "
                + "(r.prattrs::int2[]) ORDER BY a.attnum)"
            : "'{}'::text[]";
        string where = hasParts ? Printing.Of("pg_get_expr(r.prqual, r.prrelid)") : "NULL::text";
        return await connection.QueryAsync(
            $"""
            SELECT p.pubname::text, n.nspname::text, c.relname::text, {columns}, {where} FROM pg_publication_rel r
                JOIN pg_publication p ON p.oid = r.prpubid
            JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid IN {PostgreSql.Connections.Sql.Tree("$1::oid")} ORDER BY 1, 2,
                3
            """,
            row =>
            {
                (string publication, string relation, string[] listed) = (
                    row.GetString(0),
                    PostgreSql.Connections.Sql.Name(row.GetString(1), row.GetString(2)),
                    row.GetFieldValue<string[]>(3)
                );
                string rows = row.Nullable<string>(4) is { } condition ? $" WHERE ({condition})" : "";
                string only = listed.Length > 0 ? $" ({PostgreSql.Connections.Sql.Names(listed)})" : "";
                return (
                    publication,
                    relation,
                    $"ALTER PUBLICATION {PostgreSql.Connections.Sql.Name(publication)} ADD TABLE {relation}{only}{rows}"
                );
            },
            cancel,
            (long)table.Oid
        );
    }
}
