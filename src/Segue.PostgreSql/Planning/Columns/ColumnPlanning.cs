using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Constraints;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Asks the server about a table's new columns, and takes them down the road of <see cref="AddColumnPlanner"/> together.</summary>
internal sealed class ColumnPlanning(Draft draft)
{
    /// <summary>Plans all new columns of the operation's table at its first one: one expand transaction and one backfill per table.</summary>
    public async Task<IReadOnlyList<(StageName Stage, Step Step)>> PlanAsync(AddColumn operation)
    {
        string where = operation.Title;
        if (await draft.FindAsync(operation.Table, where) is not { } table || draft.Columns.ContainsKey(table.Oid))
        {
            return [];
        }

        draft.Columns.Add(table.Oid, []);
        if (Refusals.OfTable(table, where) is { } refusal)
        {
            draft.Refused.Add(refusal);
            return [];
        }

        List<AddColumn> siblings = [];
        foreach (AddColumn sibling in draft.Change.Operations.OfType<AddColumn>())
        {
            if (sibling.Table == operation.Table || (await CatalogReader.FindAsync(draft.Connection, sibling.Table, draft.Cancel))?.Oid == table.Oid)
            {
                siblings.Add(sibling);
            }
        }

        return await PlanAsync(table, siblings);
    }

    private async Task<IReadOnlyList<(StageName Stage, Step Step)>> PlanAsync(Table table, IReadOnlyList<AddColumn> changes)
    {
        if (changes.GroupBy(each => each.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            draft.Invalid.Add(new Problem(twice.First().Title, "the change adds this column twice.", "Remove one of them."));
            return [];
        }

        if (Refusals.OfColumnCount(table, changes.Count, changes[0].Title) is { } full)
        {
            draft.Refused.Add(full);
            return [];
        }

        TableCopy copy = new(draft.Connection, table);
        bool sharesUpdate = changes.Count(each => each.Backfill is not null || each.Derive is not null || each.Default is not null) > 1;
        ColumnProbe probe = new(draft.Connection, table, copy, sharesUpdate);
        ObjectNames names = await draft.NamesAsync(table);
        await copy.CreateAsync(draft.Cancel);
        List<NewColumn> columns = [];
        Dictionary<string, EnforceTarget> targets = [];
        foreach (AddColumn each in changes)
        {
            await draft.CheckEncodingAsync(each.Title, "comment", each.Comment);
            if (await ResolveAsync(probe, names, table, each) is { } column)
            {
                columns.Add(column);
                targets[column.Name] = new EnforceTarget(draft.Server, names, await ForeignKeyAsync(copy, table, column));
            }
        }

        await copy.DropAsync(draft.Cancel);
        draft.Invalid.AddRange(copy.Problems);
        if (draft.HasProblems)
        {
            return [];
        }

        draft.Columns[table.Oid] = columns;
        bool isSmall = draft.IsSmall(table);
        draft.Hazards.AddRange(await Hazards.OfAsync(draft.Connection, new HazardFacts(table, draft.Server.Role, FillsInBatches: !isSmall), columns, draft.Cancel));
        bool changeOwner = draft.Server.IsSuperuser && table.Owner != draft.Server.Role;
        return [.. new AddColumnPlanner(table, columns, targets, new RoadFacts(draft.Change.Name, draft.Server.SearchPath, isSmall, changeOwner)).Plan()];
    }

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
            column = column with { TemporarySequence = Sql.Name(table.Schema, $"segue_{ObjectNames.Mark(draft.Change.Name, $"{table.Sql}.{each.Name}")}_seq") };
            column = column with { Fill = Fill.Numbers(column.TemporarySequence) };
        }

        Rights rights = new(draft.Connection, table, draft.Server, draft.Cancel);
        draft.Refused.AddRange(await rights.ToCreateAsync(column, where));
        draft.Refused.AddRange(column.Fill is null ? [] : [.. await rights.ToReadAsync(column, where), .. await rights.ToUsePartitionsAsync(where)]);

        IEnumerable<Problem?> refusals =
        [
            .. column.Fill is null ? [] : Refusals.OfFilling(table, column, where),
            .. column.Fill is null ? [] : await UnfinishedSourcesAsync(table, column, where),
            isSmall ? null : Refusals.OfRewrite(column, where),
            Refusals.OfUnique(column, table, where),
            Refusals.OfPartitioned(column, table, draft.Server, where),
        ];
        draft.Refused.AddRange(refusals.OfType<Problem>());
        return column;
    }

    /// <summary>Until the other change is completed old code may leave such a column NULL, and which of two triggers runs first only their names tell.</summary>
    private async Task<IEnumerable<Problem>> UnfinishedSourcesAsync(Table table, NewColumn column, string where) =>
        (await CatalogReader.ColumnsBeingFilledAsync(draft.Connection, table, draft.Cancel)).Intersect(column.Fill!.Sources).Select(source => new Problem(
            where, $"the expression reads {source}, which an unfinished change is still filling.", "Complete that change first (`segue status` names it), or roll it back."));

    private async Task<PlannedForeignKey?> ForeignKeyAsync(TableCopy copy, Table table, NewColumn column)
    {
        if (column.Change.References is not { } reference)
        {
            return null;
        }

        await draft.Connection.ExecuteAsync("SAVEPOINT foreign_key", draft.Cancel);
        await copy.AddAsync(column, draft.Cancel);
        PlannedForeignKey? key = await draft.ForeignKeyAsync(copy, table, [column.Name], reference, column.Names.ForeignKey);
        await draft.Connection.ExecuteAsync("ROLLBACK TO SAVEPOINT foreign_key", draft.Cancel);
        return key;
    }
}
