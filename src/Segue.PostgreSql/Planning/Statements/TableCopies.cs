using Npgsql;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>
/// Empty temporary copies of tables with their indexes, CHECKs, partitions and foreign keys, under the tables' own names, in a session of their own:
/// committed, so that the locks of making them are no more, and gone with the session.
/// </summary>
internal sealed class TableCopies(NpgsqlConnection connection)
{
    /// <summary>More of them tell nothing new.</summary>
    private const int MostPartitions = 3;

    private readonly Dictionary<string, Table> _originals = [];

    /// <summary>What is copied, by the copy's name.</summary>
    public IReadOnlyDictionary<string, Table> Originals => _originals;

    /// <summary>Null; or why the copies cannot stand for the tables.</summary>
    public async Task<string?> CreateAsync(IReadOnlyList<Table> named, CancellationToken cancel)
    {
        Table[] all = [.. named, .. await PartnersAsync(named, cancel)];
        if (all.GroupBy(table => table.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            return $"{string.Join(" and ", twice.Select(table => $"{table.Schema}.{table.Name}"))} have the same name.";
        }

        await using NpgsqlTransaction making = await connection.BeginTransactionAsync(cancel);
        foreach (Table table in all)
        {
            await CopyAsync(table, cancel);
        }

        foreach (Table table in all)
        {
            await AddForeignKeysAsync(table, cancel);
        }

        await making.CommitAsync(cancel);
        return null;
    }

    /// <summary>Tables that foreign keys bind to these: their locks belong to it.</summary>
    private async Task<IReadOnlyList<Table>> PartnersAsync(IReadOnlyList<Table> named, CancellationToken cancel)
    {
        IReadOnlyList<(string Schema, string Name)> names = await connection.QueryAsync(
            """
            SELECT DISTINCT n.nspname::text, c.relname::text FROM pg_constraint k
            JOIN pg_class c ON c.oid IN (k.conrelid, k.confrelid) AND NOT c.relispartition JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND (k.conrelid::bigint = ANY ($1) OR k.confrelid::bigint = ANY ($1)) AND NOT c.oid::bigint = ANY ($1)
            """,
            row => (row.GetString(0), row.GetString(1)), cancel, named.Select(table => (long)table.Oid).ToArray());
        List<Table> partners = [];
        foreach ((string schema, string name) in names)
        {
            partners.AddRange(await CatalogReader.FindAsync(connection, new Changes.TableName(schema, name), cancel) is { } partner ? [partner] : Array.Empty<Table>());
        }

        return partners;
    }

    private async Task CopyAsync(Table table, CancellationToken cancel)
    {
        await CreateAsync(table.Name, table.Sql, "ALL", cancel);
        _originals.Add(table.Name, table);
        foreach (Partition partition in table.Partitions.Where(partition => partition.Parent == table.Sql && partition.Kind == 'r').Take(MostPartitions))
        {
            // The root's identity is theirs as well.
            await CreateAsync(partition.Name, partition.Sql, "ALL EXCLUDING IDENTITY", cancel);
            string bound = (await connection.ScalarAsync<string>("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = $1::regclass", cancel, partition.Sql))!;
            await connection.ExecuteAsync($"ALTER TABLE pg_temp.{Sql.Name(table.Name)} ATTACH PARTITION pg_temp.{Sql.Name(partition.Name)} {bound}", cancel);
            _originals.Add(partition.Name, table with { Name = partition.Name, Schema = partition.Schema, Size = partition.Size, Partitions = [], Kind = 'r' });
        }
    }

    private async Task CreateAsync(string name, string original, string including, CancellationToken cancel)
    {
        string key = await connection.ScalarAsync<string>("SELECT ' PARTITION BY ' || pg_get_partkeydef(oid) FROM pg_class WHERE oid = $1::regclass AND relkind = 'p'", cancel, original) ?? "";
        string copy = $"pg_temp.{Sql.Name(name)}";
        await connection.ExecuteAsync($"CREATE TEMPORARY TABLE {Sql.Name(name)} (LIKE {original} INCLUDING {including}){key}", cancel);

        // The copies have names of the server's choice; two rounds, because one may be another's.
        IReadOnlyList<(string Given, string Wanted)> indexes = await Printing.AsideAsync(connection, () => connection.QueryAsync(IndexesQuery, row => (row.GetString(0), row.GetString(1)), cancel, copy, original), cancel);
        foreach ((int n, (string given, _)) in indexes.Index())
        {
            await connection.ExecuteAsync($"ALTER INDEX pg_temp.{Sql.Name(given)} RENAME TO segue_renamed_{n}", cancel);
        }

        foreach ((int n, (_, string wanted)) in indexes.Index())
        {
            await connection.ExecuteAsync($"ALTER INDEX pg_temp.segue_renamed_{n} RENAME TO {Sql.Name(wanted)}", cancel);
        }
    }

    private async Task AddForeignKeysAsync(Table table, CancellationToken cancel)
    {
        IReadOnlyList<(string Name, string Parent, string[] Columns, string[] ParentColumns)> keys = await connection.QueryAsync(
            """
            SELECT k.conname::text, c.relname::text,
                   ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS key(attnum, position) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.attnum ORDER BY position),
                   ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS key(attnum, position) JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.attnum ORDER BY position)
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid = $1::oid AND k.conparentid = 0
            """,
            row => (row.GetString(0), row.GetString(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3)), cancel, (long)table.Oid);
        foreach ((string name, string parent, string[] columns, string[] parentColumns) in keys.Where(key => _originals.ContainsKey(key.Parent)))
        {
            await connection.ExecuteAsync(
                $"ALTER TABLE pg_temp.{Sql.Name(table.Name)} ADD CONSTRAINT {Sql.Name(name)} FOREIGN KEY ({Sql.Names(columns)}) REFERENCES pg_temp.{Sql.Name(parent)} ({Sql.Names(parentColumns)})", cancel);
        }
    }

    /// <summary>$1 the copy, $2 the original: which of the copy's indexes stands for which, by what the server prints behind the table's name.</summary>
    private static readonly string IndexesQuery =
        $"""
        WITH defined AS (
            SELECT i.indrelid, c.relname::text AS name, regexp_replace({Printing.Of("pg_get_indexdef(i.indexrelid)")}, '^.*? USING ', '') AS definition, i.indisunique, i.indisprimary, c.oid
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN ($1::regclass, $2::regclass)),
        numbered AS (SELECT *, row_number() OVER (PARTITION BY indrelid, definition, indisunique, indisprimary ORDER BY oid) AS n FROM defined)
        SELECT copy.name, original.name FROM numbered copy JOIN numbered original USING (definition, indisunique, indisprimary, n)
        WHERE copy.indrelid = $1::regclass AND original.indrelid = $2::regclass ORDER BY copy.oid
        """;
}
