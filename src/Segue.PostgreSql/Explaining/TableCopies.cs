using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Empty temporary copies of tables with everything that belongs to them, of their partitions, of the tables that
/// inherit from them, and of those that foreign keys connect to them and that the statements may reach. The copies have
/// the tables' own names, in a separate session. They are committed, so that the locks of creating them are released,
/// and they are dropped with the session.
/// </summary>
internal sealed class TableCopies(NpgsqlConnection connection)
{
    /// <summary>
    /// Partitions to copy under each root among those that no statement names: more show nothing new.
    /// </summary>
    private const int MostPartitions = 3;

    private const int MostHeirs = 50;

    private readonly Dictionary<string, Table> _originals = [];
    private readonly HashSet<string> _named = [];
    private readonly HashSet<string> _defaults = [];
    private string? _objection;

    /// <summary>Without dependents of their columns.</summary>
    public bool AreBare { get; init; }

    /// <summary>
    /// Which of the tables that foreign keys connect to these are copied as well: those that the statements may reach.
    /// </summary>
    public required IReadOnlyList<StatementText> Statements { get; init; }

    /// <summary>The originals, by the copy's name.</summary>
    public IReadOnlyDictionary<string, Table> Originals => _originals;

    /// <summary>Default partitions, and their partitions, qualified and quoted.</summary>
    public IReadOnlySet<string> Defaults => _defaults;

    /// <summary>
    /// A partition that is named, or the default partition: the effect on it need not hold for the others.
    /// </summary>
    public bool IsSpecial(string relation) => _named.Contains(relation) || _defaults.Contains(relation);

    /// <summary>Null; or why the copies cannot replace the tables.</summary>
    public async Task<string?> CreateAsync(IReadOnlyList<Table> named, CancellationToken cancel)
    {
        _named.UnionWith(named.Select(table => table.Sql));
        List<Table> roots = [];
        foreach (Table table in named)
        {
            roots.AddRange(await InheritanceTrees.RootsAsync(connection, table, cancel));
        }

        Table[] whole = [.. roots.DistinctBy(table => table.Oid)];
        whole =
        [
            .. whole.Where(table => !whole.Any(root => root.Partitions.Any(partition => partition.Sql == table.Sql))),
        ];
        Table[] all = [.. whole, .. await PartnersAsync(whole, cancel)];
        await using NpgsqlTransaction making = await connection.BeginTransactionAsync(cancel);
        foreach (Table table in all)
        {
            await CopyAsync(table, cancel);
        }

        if (_objection is not null)
        {
            return _objection;
        }

        await new TableAttachments(connection, _originals) { WithDependents = !AreBare }.CopyAsync(cancel);
        await making.CommitAsync(cancel);
        return null;
    }

    /// <summary>The user's event triggers must not run in this session.</summary>
    public async Task SilenceAsync(CancellationToken cancel)
    {
        foreach (string copy in _originals.Keys)
        {
            await connection.ExecuteAsync($"ALTER TABLE pg_temp.{Sql.Name(copy)} DISABLE TRIGGER USER", cancel);
        }
    }

    /// <summary>
    /// Tables that foreign keys connect to these by a column, a constraint or a key that a statement names: it locks
    /// them too.
    /// </summary>
    private async Task<IReadOnlyList<Table>> PartnersAsync(IReadOnlyList<Table> roots, CancellationToken cancel)
    {
        StatementText[] reaching = [.. Statements.Where(StatementForms.MayReachPartners)];
        if (reaching.Length == 0)
        {
            return [];
        }

        string[] words =
        [
            .. reaching
                .SelectMany(statement => statement.Names(connection.Database!))
                .Select(name => name.Name)
                .Distinct(),
        ];
        IReadOnlyList<(string Schema, string Name)> names = await connection.QueryAsync(
            """
            WITH own AS (SELECT to_regclass(name)::oid AS oid FROM unnest($1) AS name)
            SELECT DISTINCT n.nspname::text, c.relname::text FROM pg_constraint k
            JOIN pg_class c ON c.oid IN (k.conrelid, k.confrelid) AND NOT c.relispartition
                JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE k.contype = 'f' AND (k.conrelid IN (SELECT oid FROM own) OR k.confrelid IN (SELECT oid FROM own))
                AND c.oid NOT IN (SELECT oid FROM own)
              AND ($3 OR k.conname = ANY ($2) OR c.relname = ANY ($2)
                  OR (SELECT i.relname FROM pg_class i WHERE i.oid = k.conindid) = ANY ($2)
                OR EXISTS (SELECT FROM pg_attribute a WHERE a.attname = ANY ($2)
                  AND ((a.attrelid = k.conrelid AND k.conrelid IN (SELECT oid FROM own) AND a.attnum = ANY (k.conkey))
                      OR (a.attrelid = k.confrelid AND k.confrelid IN (SELECT oid FROM own)
                      AND a.attnum = ANY (k.confkey)))))
            """,
            row => (row.GetString(0), row.GetString(1)),
            cancel,
            roots.SelectMany(table => table.AllRelations()).ToArray(),
            words,
            reaching.Any(StatementForms.ReachesAllPartners)
        );
        List<Table> partners = [];
        foreach ((string schema, string name) in names)
        {
            partners.AddRange(
                await CatalogReader.FindAsync(connection, new Changes.TableName(schema, name), cancel) is { } partner
                    ? [partner]
                    : Array.Empty<Table>()
            );
        }

        return partners;
    }

    private async Task CopyAsync(Table table, CancellationToken cancel)
    {
        if (Add(table, isNeeded: true))
        {
            await CreateAsync(table.Name, table.Sql, "ALL", cancel);
            await CopyPartsAsync(table, table.Sql, table.Name, cancel);
        }
    }

    private bool Add(Table table, bool isNeeded)
    {
        if (_originals.TryAdd(table.Name, table))
        {
            return true;
        }

        Table other = _originals[table.Name];
        _objection ??= isNeeded
            ? $"{other.Schema}.{other.Name} and {table.Schema}.{table.Name} have the same name."
            : null;
        return false;
    }

    private async Task CopyPartsAsync(Table root, string parent, string parentName, CancellationToken cancel)
    {
        string? fallback = await connection.ScalarAsync<string>(
            $"""
            SELECT {Sql.Qualified("n.nspname", "c.relname")}
                FROM pg_partitioned_table p
            JOIN pg_class c ON c.oid = p.partdefid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE p.partrelid = $1::regclass
            """,
            cancel,
            parent
        );
        Partition[] parts = [.. root.Partitions.Where(part => part.Parent == parent)];
        _defaults.UnionWith(
            _defaults.Contains(parent) ? parts.Select(part => part.Sql)
            : fallback is null ? []
            : [fallback]
        );
        Partition[] needed = [.. parts.Where(part => part.Sql == fallback || IsNeeded(root, part))];
        if (!root.IsPartitioned && root.Partitions.Count > MostHeirs)
        {
            _objection = $"more than {MostHeirs} tables inherit from {root.Schema}.{root.Name}.";
            return;
        }

        foreach (
            Partition part in root.IsPartitioned ? [.. needed, .. parts.Except(needed).Take(MostPartitions)] : parts
        )
        {
            if (
                Add(
                    root with
                    {
                        Name = part.Name,
                        Schema = part.Schema,
                        Size = part.Size,
                        Partitions = [],
                        Kind = part.Kind,
                    },
                    needed.Contains(part)
                )
            )
            {
                // They have the root's identity as well.
                await CreateAsync(part.Name, part.Sql, root.IsPartitioned ? "ALL EXCLUDING IDENTITY" : "ALL", cancel);
                await BindAsync(root, part, parentName, cancel);
                await CopyPartsAsync(root, part.Sql, part.Name, cancel);
            }
        }
    }

    private bool IsNeeded(Table root, Partition part) =>
        _named.Contains(part.Sql) || root.Partitions.Any(below => below.Parent == part.Sql && IsNeeded(root, below));

    private async Task BindAsync(Table root, Partition part, string parentName, CancellationToken cancel)
    {
        if (!root.IsPartitioned)
        {
            await connection.ExecuteAsync(
                $"ALTER TABLE pg_temp.{Sql.Name(part.Name)} INHERIT pg_temp.{Sql.Name(parentName)}",
                cancel
            );
            return;
        }

        string bound = (
            await connection.ScalarAsync<string>(
                "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = $1::regclass",
                cancel,
                part.Sql
            )
        )!;
        await connection.ExecuteAsync(
            $"ALTER TABLE pg_temp.{Sql.Name(parentName)} ATTACH PARTITION pg_temp.{Sql.Name(part.Name)} {bound}",
            cancel
        );
    }

    private async Task CreateAsync(string name, string original, string including, CancellationToken cancel)
    {
        string key =
            await connection.ScalarAsync<string>(
                "SELECT ' PARTITION BY ' || pg_get_partkeydef(oid) FROM pg_class WHERE oid = $1::regclass "
                    + "AND relkind = 'p'",
                cancel,
                original
            ) ?? "";
        string copy = $"pg_temp.{Sql.Name(name)}";
        await connection.ExecuteAsync(
            $"CREATE TEMPORARY TABLE {Sql.Name(name)} (LIKE {original} INCLUDING {including}){key}",
            cancel
        );
        if (Statements.Any(StatementForms.NumbersAnew))
        {
            await SequencePositions.MirrorAsync(connection, copy, original, cancel);
        }

        await RenameAsync("INDEX", IndexesQuery, copy, original, cancel);
        await RenameAsync("STATISTICS", StatisticsQuery, copy, original, cancel);
    }

    /// <summary>The server chooses the copies' names; two rounds, because one may be another's.</summary>
    private async Task RenameAsync(string kind, string query, string copy, string original, CancellationToken cancel)
    {
        IReadOnlyList<(string Given, string Wanted)> names = await connection.AsideAsync(
            () => connection.QueryAsync(query, row => (row.GetString(0), row.GetString(1)), cancel, copy, original),
            cancel
        );
        foreach ((int n, (string given, _)) in names.Index())
        {
            await connection.ExecuteAsync(
                $"ALTER {kind} pg_temp.{Sql.Name(given)} RENAME TO segue_renamed_{n}",
                cancel
            );
        }

        foreach ((int n, (_, string wanted)) in names.Index())
        {
            await connection.ExecuteAsync(
                $"ALTER {kind} pg_temp.segue_renamed_{n} RENAME TO {Sql.Name(wanted)}",
                cancel
            );
        }
    }

    /// <summary>
    /// $1 the copy, $2 the original: matches the copy's indexes with the original's, by their printed definition.
    /// </summary>
    private static readonly string IndexesQuery = $"""
        WITH defined AS (
            SELECT i.indrelid, c.relname::text AS name, regexp_replace({Printing.Of("pg_get_indexdef(i.indexrelid)")},
                '^.*? USING ', '') AS definition, i.indisunique, i.indisprimary, c.oid
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN ($1::regclass, $2::regclass)),
        numbered AS (SELECT *, row_number() OVER (PARTITION BY indrelid, definition, indisunique, indisprimary
            ORDER BY oid) AS n FROM defined)
        SELECT copy.name, original.name FROM numbered copy
            JOIN numbered original USING (definition, indisunique, indisprimary, n)
        WHERE copy.indrelid = $1::regclass AND original.indrelid = $2::regclass ORDER BY copy.oid
        """;

    private static readonly string StatisticsQuery = $"""
        WITH defined AS (
            SELECT s.stxrelid, s.stxname::text AS name,
                regexp_replace(regexp_replace({Printing.Of("pg_get_statisticsobjdef(s.oid)")},
                '^CREATE STATISTICS \S+ ', ''), ' FROM [^ ]+$', '') AS definition, s.oid
            FROM pg_statistic_ext s WHERE s.stxrelid IN ($1::regclass, $2::regclass)),
        numbered AS (SELECT *, row_number() OVER (PARTITION BY stxrelid, definition ORDER BY oid) AS n FROM defined)
        SELECT copy.name, original.name FROM numbered copy JOIN numbered original USING (definition, n)
            WHERE copy.stxrelid = $1::regclass AND original.stxrelid = $2::regclass ORDER BY copy.oid
        """;
}
