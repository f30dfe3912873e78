using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.Planning.Assembly;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Explaining;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>One change while it is planned: the connections to ask, and the findings so far.</summary>
internal sealed class Draft(NpgsqlConnection connection, ServerFacts server, PlanDraft plan, CancellationToken cancel)
{
    private readonly HashSet<(string Schema, string Name)> _names = [];

    public NpgsqlConnection Connection => connection;

    public ServerFacts Server => server;

    public Change Change => plan.Change;

    public PlanOptions Options => plan.Options;

    public PlanDraft Plan => plan;

    public CancellationToken Cancel => cancel;

    public required TimeProvider Time { get; init; }

    /// <summary>Tries statements in a session of its own.</summary>
    public required StatementProbe Statements { get; init; }

    public List<Problem> Invalid => plan.Invalid;

    public List<Problem> Refused => plan.Refused;

    public List<Hazard> Hazards => plan.Hazards;

    /// <summary>What people still have to do after the change is completed.</summary>
    public List<string> Afterwards => plan.Afterwards;

    /// <summary>
    /// Settings that values depend on, set in every transaction of the plan: the server's own and those of extensions.
    /// </summary>
    public Dictionary<string, string> Settings => plan.Settings;

    public ExpectedDrift Drift => plan.Drift;

    /// <summary>Columns the change adds, by their table's oid.</summary>
    public Dictionary<uint, IReadOnlyList<NewColumn>> Columns { get; } = [];

    /// <summary>Types the change creates, quoted.</summary>
    public HashSet<string> NewTypes { get; } = [];

    public bool HasProblems => plan.HasProblems;

    /// <summary>So small that one short transaction does everything.</summary>
    public bool IsSmall(Table table) => plan.IsSmall(table.TotalSize.All);

    /// <summary>Names for new objects; the change uses none of them twice.</summary>
    public Task<ObjectNames> NamesAsync(Table table) => ObjectNames.ForAsync(connection, table, _names, cancel);

    /// <summary>See <see cref="PlanDraft.Claim"/>.</summary>
    public bool Claim(ClaimKind kind, string name, Operation by) => plan.Claim(new Claim(kind, name), by);

    /// <summary>The search path for a name without a schema; empty for one with a schema.</summary>
    public string OnThePath(TableName name) =>
        name.Schema is null ? $" on the search path ({string.Join(", ", server.SearchPath)})" : "";

    /// <summary>Null, with a problem, where there is none.</summary>
    public async Task<Table?> FindAsync(TableName name, string where)
    {
        if (await CatalogReader.FindAsync(connection, name, cancel) is { } table)
        {
            return table;
        }

        Invalid.Add(
            new Problem(
                where,
                $"there is no table {name} in database {connection.Database}{OnThePath(name)}.",
                await MeantNames.OfTableAsync(connection, name, cancel)
            )
        );
        return null;
    }

    /// <summary>The table of an operation that requires us to own it; null, with a problem, otherwise.</summary>
    public async Task<Table?> OwnedAsync(TableName name, string where, bool alsoMatview = false)
    {
        if (await FindAsync(name, where) is not { } table)
        {
            return null;
        }

        if (Refusals.OfTarget(table, where, alsoMatview) is not { } refusal)
        {
            return table;
        }

        Refused.Add(refusal);
        return null;
    }

    /// <summary>The column of an operation; null, with a problem, if the table has none of that name.</summary>
    public async Task<ExistingColumn?> ColumnAsync(Table table, string name, string where)
    {
        if (
            table.Columns.Contains(name)
            && await ExistingColumn.FindAsync(connection, table.Sql, name, cancel) is { } column
        )
        {
            return column;
        }

        Invalid.Add(
            new Problem(
                $"{where}: name",
                $"{table.Schema}.{table.Name} has no column {name}.",
                MeantNames.OfColumn(name, table.Columns)
            )
        );
        return null;
    }

    /// <summary>A copy of the table with the columns the change adds to it.</summary>
    /// <param name="isWhole">With its indexes, CHECKs and defaults.</param>
    public async Task<TableCopy> CopyAsync(Table table, string where, bool isWhole = false)
    {
        TableCopy copy = new(connection, table) { Where = where };
        await (isWhole ? copy.CreateWholeAsync(cancel) : copy.CreateAsync(cancel));
        foreach (NewColumn column in Columns.GetValueOrDefault(table.Oid, []))
        {
            await copy.AddAsync(column, cancel);
        }

        return copy;
    }

    public async Task DropAsync(TableCopy copy)
    {
        await copy.DropAsync(cancel);
        Invalid.AddRange(copy.Problems);
    }

    /// <summary>
    /// Null, with problems, if the parent cannot be referenced that way. The copy has the columns already.
    /// </summary>
    public async Task<PlannedForeignKey?> ForeignKeyAsync(
        TableCopy copy,
        Table table,
        IReadOnlyList<string> columns,
        ForeignKeyReference reference,
        string name
    )
    {
        string where = $"{copy.Where}: references";
        if (await FindAsync(reference.Table, where) is not { } parent)
        {
            return null;
        }

        if (ParentColumns(parent, reference, columns.Count, where) is not { } parentColumns)
        {
            return null;
        }

        if (Refusals.OfParent(table, parent, where) is { } refusal)
        {
            Refused.Add(refusal);
        }

        IReadOnlyList<Problem> lacking = await new Rights(connection, table, server, cancel).ToReferenceAsync(
            parent,
            [.. parentColumns.Intersect(parent.Columns)],
            where
        );
        Refused.AddRange(lacking);
        PlannedForeignKey key = new(name, columns, parent, parentColumns, reference)
        {
            Casts = await CatalogReader.CastsToAsync(connection, parent, parentColumns, cancel),
        };
        int before = copy.Problems.Count;
        if (lacking.Count == 0)
        {
            await key.CheckAsync(connection, copy, cancel);
        }

        if (copy.Problems.Count > before && await KeyOfSameChangeAsync(parent) is { } maker)
        {
            Invalid.Add(
                new Problem(
                    where,
                    $"the referenced key may be the one that `{maker}` of the same change creates, and "
                        + "each operation is planned for the tables as they are now.",
                    "Split them into two changes, the key first."
                )
            );
        }

        return key;
    }

    /// <summary>The referenced columns; null, with a problem, if they are not as many.</summary>
    private IReadOnlyList<string>? ParentColumns(Table parent, ForeignKeyReference reference, int count, string where)
    {
        IReadOnlyList<string> parentColumns = reference.Columns.Count > 0 ? reference.Columns : parent.PrimaryKey;
        if (parentColumns.Count != count)
        {
            Invalid.Add(
                new Problem(
                    where,
                    count == 1
                        ? $"{reference.Table} has no primary key of one column."
                        : $"{reference.Table} has no primary key of {count} columns.",
                    count == 1 ? "Name the column with `column:`." : "Name the columns with `columns:`."
                )
            );
            return null;
        }

        return parentColumns;
    }

    private async Task<string?> KeyOfSameChangeAsync(Table parent)
    {
        foreach (
            TableOperation maker in plan
                .Change.Operations.OfType<TableOperation>()
                .Where(each => each.Creates.Any(created => created is Creation.Key))
        )
        {
            if ((await CatalogReader.FindAsync(connection, maker.Table, cancel))?.Oid == parent.Oid)
            {
                return maker.Title;
            }
        }

        return null;
    }

    /// <summary>A text that is sent to the server as it is must be valid in the database's encoding.</summary>
    public async Task CheckEncodingAsync(string title, string key, string? text)
    {
        try
        {
            await connection.AsideAsync(
                () => connection.ScalarAsync<string>("SELECT $1::text", cancel, text ?? ""),
                cancel
            );
        }
        catch (PostgresException error)
            when (error.SqlState
                    is PostgresErrorCodes.UntranslatableCharacter
                        or PostgresErrorCodes.CharacterNotInRepertoire
            )
        {
            Invalid.Add(
                new Problem(
                    $"{title}: {key}",
                    $"the database cannot hold this text: {Errors.Describe(error)}",
                    "Use only characters that the database's encoding has."
                )
            );
        }
    }
}
