using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Triggers;

namespace Segue.PostgreSql.Planning.Columns.Rename;

/// <summary>
/// The road of <c>rename_column</c>: a second column with the new name gets the same values and is kept equal; after
/// the gate it is dropped, and the column itself gets the new name in the same transaction.
/// </summary>
internal sealed class RenameColumnPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(RenameColumn operation)
    {
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } table
            || await draft.ColumnAsync(table, operation.Name, operation.Title) is not { } column
        )
        {
            return [];
        }

        string qualified = $"{table.Schema}.{table.Name}";
        _ = draft.Claim(ClaimKind.Column, $"{qualified}.{operation.Name}", operation);
        _ = draft.Claim(ClaimKind.Column, $"{qualified}.{operation.To}", operation);
        await new RenameColumnRefusals(draft, table, column, operation).CheckAsync();
        if (draft.HasProblems)
        {
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = new(draft.Connection, table) { Where = operation.Title };
        await copy.CreateWholeAsync(draft.Cancel);
        Mirror mirror = new()
        {
            Table = table,
            Old = column,
            NewName = operation.To,
            Default = await DefaultAsync(table, copy, column),
            IsWrittenByKeys = await IsWrittenByKeysAsync(table, column),
        };
        IReadOnlyList<PlannedIndex> indexes = await IndexesAsync(copy, mirror, names);
        await draft.DropAsync(copy);
        await CheckAsync(operation, table, mirror, indexes);
        if (draft.HasProblems)
        {
            return [];
        }

        await ExpectAsync(table, column);
        draft.Hazards.AddRange(await new RenameColumnHazards(draft, mirror).FindAsync());
        return new RenameColumnRoad(mirror, new MirrorTriggers(mirror, draft.Change.Name, draft.Server), names)
        {
            Indexes = indexes,
            Dress = await DressAsync(mirror),
        }.Plan();
    }

    /// <summary>
    /// A default that gives another value each time shows nothing, and one that may fail must not be evaluated for
    /// statements that give the value: then only NULL means that a statement does not give the mirror.
    /// </summary>
    private async Task<string?> DefaultAsync(Table table, TableCopy copy, ExistingColumn column)
    {
        if (column.Default is not { } expression)
        {
            return null;
        }

        bool isSure = false;
        await copy.SucceedsAsync(
            async () =>
            {
                Fill found = await new ExpressionProbe(draft.Connection, table, copy).DescribeAsync(
                    expression,
                    draft.Cancel
                );
                isSure = found is { IsVolatile: false, Functions: [], Reads: [] } && !ReadsSetting(found);
            },
            draft.Cancel
        );
        return isSure ? expression : null;
    }

    private static bool ReadsSetting(Fill found) => found.ReadsOfSession.Contains("current_setting()");

    private Task<bool> IsWrittenByKeysAsync(Table table, ExistingColumn column) =>
        draft.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
                AND a.attnum = ANY (k.conkey)
            WHERE k.contype = 'f' AND k.conrelid = $1::oid AND a.attname = $2
              AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('c', 'n', 'd')))
            """,
            draft.Cancel,
            (long)table.Oid,
            column.Name
        );

    /// <summary>
    /// The column's indexes on the mirror, for statements that search by the new name; none is unique, because the
    /// column's own is. On a copy whose column is renamed the server prints them with the new name.
    /// </summary>
    private async Task<IReadOnlyList<PlannedIndex>> IndexesAsync(TableCopy copy, Mirror mirror, ObjectNames names)
    {
        IReadOnlyList<IndexDefinition> definitions = [];
        await copy.TryAsync(
            "to",
            "Choose another name.",
            async () =>
            {
                await draft.Connection.ExecuteAsync(
                    $"ALTER TABLE {copy.Sql} RENAME COLUMN {mirror.OldSql} TO {mirror.NewSql}",
                    draft.Cancel
                );
                definitions = await draft.Connection.QueryAsync(
                    IndexesQuery,
                    row => PlannedIndex.Behind(row.GetString(0), row.GetFieldValue<string[]>(1), row.GetString(2)),
                    draft.Cancel,
                    copy.Sql,
                    mirror.NewName
                );
            },
            draft.Cancel
        );
        Table table = mirror.Table;
        return
        [
            .. definitions
                .DistinctBy(definition => definition.Text)
                .Select(definition => new PlannedIndex(
                    table.Sql,
                    table.Schema,
                    names.ForRelation(table.Schema, table.Name, mirror.NewName, "idx"),
                    definition,
                    IsUnique: false
                )),
        ];
    }

    private static readonly string IndexesQuery = $"""
        SELECT {Printing.Of("pg_get_indexdef(i.indexrelid)")}, ARRAY[format(' ON pg_temp.%I ', t.relname),
            format(' ON %s.%I ', t.relnamespace::regnamespace, t.relname)],
            coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '')
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = $2
        WHERE t.oid = $1::regclass AND (a.attnum = ANY (i.indkey::int2[])
            OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum))
        ORDER BY i.indexrelid
        """;

    private async Task CheckAsync(
        RenameColumn operation,
        Table table,
        Mirror mirror,
        IReadOnlyList<PlannedIndex> indexes
    )
    {
        Rights rights = new(draft.Connection, table, draft.Server, draft.Cancel);
        string where = operation.Title;
        draft.Refused.AddRange([
            .. await rights.ToUsePartitionsAsync(where),
            .. ColumnRefusals.OfFilling(table, mirror.Column, where),
            .. indexes.Count > 0 ? await rights.ToIndexAsync("the index", where) : [],
        ]);
        if (!draft.HasProblems)
        {
            await new RowCopyPlanning(draft, table).CheckAsync([mirror.Column]);
            await new RowRoom(draft, table).CheckAsync([mirror.Column]);
        }
    }

    /// <summary>The new name is in the definitions of what depends on the column.</summary>
    private async Task ExpectAsync(Table table, ExistingColumn column)
    {
        string[] lines =
            await draft.Connection.ScalarAsync<string[]>(
                """
                SELECT ARRAY[format('column %I.%I.%I ', $1, $2, $3), format('constraint %I.%I.', $1, $2),
                    format('trigger %I.%I.', $1, $2)]
                """,
                draft.Cancel,
                table.Schema,
                table.Name,
                column.Name
            ) ?? [];
        draft.Drift.ExpectBehindGate(lines);
    }

    /// <summary>Makes the mirror like the column for its users.</summary>
    private async Task<IReadOnlyList<string>> DressAsync(Mirror mirror)
    {
        string column = $"{mirror.Table.Sql}.{mirror.NewSql}";
        return
        [
            .. await new Grants(draft.Connection, mirror.Table.Oid, draft.Cancel).OfColumnAsync(
                mirror.Table.Sql,
                mirror.Old.Name,
                mirror.NewName
            ),
            .. When(mirror.Old.Comment, comment => $"COMMENT ON COLUMN {column} IS {Sql.Literal(comment)}"),
        ];
    }
}
