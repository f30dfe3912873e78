using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Triggers;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Asks the server about a table's new and altered columns, and plans them together by <see cref="ColumnRoad"/>.
/// </summary>
internal sealed class ColumnPlanning(Draft draft)
{
    /// <summary>One expand transaction and one backfill for all of a table.</summary>
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(IReadOnlyList<ColumnOperation> operations)
    {
        string where = operations[0].Title;
        if (await draft.FindAsync(operations[0].Table, where) is not { } table)
        {
            foreach (ColumnOperation other in operations.Skip(1))
            {
                await draft.FindAsync(other.Table, other.Title);
            }

            return [];
        }

        draft.Columns.Add(table.Oid, []);
        if (Refusals.OfTable(table, where) is { } refusal)
        {
            draft.Refused.Add(refusal);
            return [];
        }

        return IsEachOnce(operations) ? await PlanAsync(table, operations) : [];
    }

    private bool IsEachOnce(IReadOnlyList<ColumnOperation> operations)
    {
        if (operations.GroupBy(each => each.Name).FirstOrDefault(same => same.Count() > 1) is not { } twice)
        {
            return true;
        }

        bool adds = twice.All(each => each is AddColumn);
        draft.Invalid.Add(
            new Problem(
                twice.First().Title,
                adds ? "the change adds this column twice." : "two operations of the change alter this column.",
                adds ? "Remove one of them." : "Merge them into one."
            )
        );
        return false;
    }

    private async Task<IReadOnlyList<StagedStep>> PlanAsync(Table table, IReadOnlyList<ColumnOperation> operations)
    {
        AddColumn[] changes = [.. operations.OfType<AddColumn>()];
        if (changes.Length > 0 && ColumnRefusals.OfColumnCount(table, changes.Length, changes[0].Title) is { } full)
        {
            draft.Refused.Add(full);
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        int filled =
            changes.Count(each => each.Backfill is not null || each.Derive is not null || each.Default is not null)
            + operations.OfType<AlterColumn>().Count(each => each.Backfill is not null);
        AlteredColumns altered = new(draft, table, names, sharesUpdate: filled > 1);
        await altered.ResolveAsync([.. operations.OfType<AlterColumn>()]);

        IReadOnlyList<(NewColumn Column, EnforceTarget Target)> added = await AddedAsync(
            table,
            names,
            changes,
            sharesUpdate: filled > 1
        );
        NewColumn[] columns = [.. altered.Columns, .. added.Select(each => each.Column)];
        await CheckAsync(table, columns);
        if (draft.HasProblems)
        {
            return [];
        }

        await RecordAsync(table, columns);
        Dictionary<string, EnforceTarget> targets = altered
            .Columns.Select(column => (column.Name, new EnforceTarget(draft.Server, names, null)))
            .Concat(added.Select(each => (each.Column.Name, each.Target)))
            .ToDictionary();
        ColumnWork work = new(columns, targets, altered.Alterations, altered.NotNulls)
        {
            Recreated = altered.Recreated,
            Places = operations.ToDictionary(each => each.Name, draft.Plan.PlaceOf),
        };
        bool changeOwner = draft.Server.IsSuperuser && table.Owner != draft.Server.Role;
        RoadFacts facts = new(draft.Change.Name, draft.Server, draft.IsSmall(table), changeOwner);
        return [.. new ColumnRoad(new RoadColumns(table, work, facts)).Plan()];
    }

    /// <summary>The new columns that are possible, as the server sees them.</summary>
    private async Task<IReadOnlyList<(NewColumn Column, EnforceTarget Target)>> AddedAsync(
        Table table,
        ObjectNames names,
        IReadOnlyList<AddColumn> changes,
        bool sharesUpdate
    )
    {
        TableCopy copy = new(draft.Connection, table);
        ColumnProbe probe = new(draft.Connection, table, copy, sharesUpdate);
        await copy.CreateAsync(draft.Cancel);
        List<(NewColumn, EnforceTarget)> added = [];
        foreach (AddColumn each in changes)
        {
            await draft.CheckEncodingAsync(each.Title, "comment", each.Comment);
            _ = draft.Claim(ClaimKind.Column, $"{table.Schema}.{table.Name}.{each.Name}", each);
            if (await ResolveAsync(probe, names, table, each) is { } column)
            {
                PlannedForeignKey? key = await ForeignKeyAsync(copy, table, column);
                added.Add((column, new EnforceTarget(draft.Server, names, key)));
            }
        }

        await draft.DropAsync(copy);
        return added;
    }

    private async Task CheckAsync(Table table, IReadOnlyList<NewColumn> columns)
    {
        await RefuseAsync(table, columns);
        if (columns.Where(column => !column.IsThere).ToArray() is { Length: > 0 } added && !draft.HasProblems)
        {
            await new RowCopyPlanning(draft, table).CheckAsync(added);
            await new RowRoom(draft, table).CheckAsync(added);
        }
    }

    /// <summary>What later operations and the plan have to know of the columns.</summary>
    private async Task RecordAsync(Table table, IReadOnlyList<NewColumn> columns)
    {
        draft.Columns[table.Oid] = [.. columns.Where(column => !column.IsThere)];
        foreach (
            (string name, string value) in columns.SelectMany(column =>
                column.Fill?.ExtensionSettings ?? new Dictionary<string, string>()
            )
        )
        {
            draft.Settings[name] = value;
        }

        draft.Hazards.AddRange(
            await Hazards.OfAsync(
                draft.Connection,
                new HazardFacts(table, draft.Server, FillsInBatches: !draft.IsSmall(table)),
                columns,
                draft.Cancel
            )
        );
    }

    /// <summary>Reasons not to fill them.</summary>
    private async Task RefuseAsync(Table table, IReadOnlyList<NewColumn> columns)
    {
        Rights rights = new(draft.Connection, table, draft.Server, draft.Cancel);
        foreach (NewColumn column in columns.Where(column => column.Fill is not null))
        {
            string where = column.Title;
            draft.Refused.AddRange([
                .. await rights.ToReadAsync(column, where),
                .. await rights.ToUsePartitionsAsync(where),
                .. ColumnRefusals.OfFilling(table, column, where),
                .. await UnfinishedSourcesAsync(table, column, where),
            ]);
            if (
                !draft.HasProblems
                && !column.Fill!.IsVolatile
                && await new RowTrial(draft.Connection, table, draft.Time).ObjectionAsync(
                    where,
                    [Tried(column)],
                    draft.Cancel
                )
                    is { } objection
            )
            {
                draft.Refused.Add(objection);
            }
        }
    }

    /// <summary>In an existing column, rows that have a value need no other.</summary>
    private static string Tried(NewColumn column) =>
        column.IsThere
            ? $"CASE WHEN {column.IsNull(column.Sql)} THEN num_nulls({Sql.Parenthesised(column.Fill!.Expression)}) END"
            : column.Fill!.Expression;

    private async Task<NewColumn?> ResolveAsync(ColumnProbe probe, ObjectNames names, Table table, AddColumn each)
    {
        string where = each.Title;
        if (await probe.ResolveAsync(each, names, draft.Cancel) is not { } column)
        {
            return null;
        }

        bool isSmall = draft.IsSmall(table);
        if (each.Identity is not null && !isSmall)
        {
            column = column with
            {
                TemporarySequence = Sql.Name(
                    table.Schema,
                    $"segue_{ObjectNames.Mark(draft.Change.Name, $"{table.Sql}.{each.Name}")}_seq"
                ),
            };
            column = column with { Fill = Fill.Numbers(column.TemporarySequence) };
        }

        Rights rights = new(draft.Connection, table, draft.Server, draft.Cancel);
        draft.Refused.AddRange(await rights.ToCreateAsync(column, where));
        IEnumerable<Problem?> refusals =
        [
            isSmall ? null : ColumnRefusals.OfRewrite(column, where),
            ColumnRefusals.OfUnique(column, table, where),
            ColumnRefusals.OfPartitioned(column, table, draft.Server, where),
            ColumnRefusals.OfDerivedKey(column, where),
        ];
        draft.Refused.AddRange(refusals.OfType<Problem>());
        return column;
    }

    /// <summary>
    /// Until the other change is completed old code may leave such a column NULL, and only the names of the two
    /// triggers decide which runs first.
    /// </summary>
    private async Task<IEnumerable<Problem>> UnfinishedSourcesAsync(Table table, NewColumn column, string where) =>
        (await CatalogReader.ColumnsBeingFilledAsync(draft.Connection, table, draft.Cancel))
            .Intersect(column.Fill!.Sources)
            .Select(source => new Problem(
                where,
                $"the expression reads {source}, which an unfinished change is still filling.",
                "Complete that change first, or roll it back."
            )
            {
                Next = [NextAction.Status(null)],
            });

    private async Task<PlannedForeignKey?> ForeignKeyAsync(TableCopy copy, Table table, NewColumn column)
    {
        if (column.Change.References is not { } reference)
        {
            return null;
        }

        return await draft.Connection.AsideAsync(
            async () =>
            {
                await copy.AddAsync(column, draft.Cancel);
                return await draft.ForeignKeyAsync(copy, table, [column.Name], reference, column.Names.ForeignKey);
            },
            draft.Cancel
        );
    }
}
