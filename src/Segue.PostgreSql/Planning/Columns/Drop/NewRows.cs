using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>
/// Which value rows of new code have in the column while old code still reads it, and whether the column and its
/// constraints accept that.
/// </summary>
internal sealed class NewRows(Draft draft)
{
    private const string WayOut =
        "Give `default:` (a constant) or `down:` (an expression over the new row); or let the column allow NULL "
        + "first (`alter_column` with `nullable: true`).";

    /// <summary>With problems where there is no such value.</summary>
    public async Task<DroppedColumn> ResolveAsync(DroppedColumn column)
    {
        TableCopy copy = new(draft.Connection, column.Table) { Where = column.Operation.Title };
        await copy.CreateWholeAsync(draft.Cancel);
        DroppedColumn resolved = await DescribeAsync(copy, column);
        await draft.DropAsync(copy);
        if (!draft.HasProblems)
        {
            draft.Refused.AddRange(await ObjectionsAsync(resolved));
        }

        return resolved;
    }

    private async Task<DroppedColumn> DescribeAsync(TableCopy copy, DroppedColumn column)
    {
        DropColumn operation = column.Operation;
        if (column.Column.Default is { } own && !column.Column.IsIdentity)
        {
            Refuse(column, "default", operation.Default);
            Refuse(column, "down", operation.Down);
            return column with { Constant = await ConstantAsync(copy, "the default", own) };
        }

        if (column.HasDefault && operation.Default is null)
        {
            Refuse(column, "down", operation.Down);
            return column;
        }

        if (operation.Default is { } given)
        {
            return copy.IsExpression("default", given) && await FitsAsync(copy, column, given)
                ? column with
                {
                    Constant = await ConstantAsync(copy, "default", given),
                }
                : column;
        }

        return operation.Down is null ? column : await FilledAsync(copy, column);
    }

    private void Refuse(DroppedColumn column, string key, string? value)
    {
        if (value is not null)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{column.Operation.Title}: {key}",
                    $"the server gives {column.Name} a value in rows of new code already.",
                    $"Leave `{key}` out."
                )
            );
        }
    }

    private Task<bool> FitsAsync(TableCopy copy, DroppedColumn column, string given) =>
        copy.TryAsync(
            "default",
            "A default may not use other columns, and must fit the column's type.",
            () =>
                draft.Connection.ExecuteAsync(
                    $"ALTER TABLE {copy.Sql} ALTER COLUMN {column.Sql} SET DEFAULT {Sql.Parenthesised(given)}",
                    draft.Cancel
                ),
            draft.Cancel
        );

    /// <summary>The expression, if all rows get the same value from it and no user's code is called.</summary>
    private async Task<string?> ConstantAsync(TableCopy copy, string key, string expression)
    {
        Fill? fill = null;
        await copy.TryAsync(
            key,
            "Write a constant.",
            async () =>
                fill = await new ExpressionProbe(draft.Connection, copy.Table, copy).DescribeAsync(
                    expression,
                    draft.Cancel
                ),
            draft.Cancel
        );
        return fill is { IsVolatile: false, Functions: [], Reads: [] } ? expression : null;
    }

    private async Task<DroppedColumn> FilledAsync(TableCopy copy, DroppedColumn column)
    {
        (string down, string where) = (column.Operation.Down!, column.Operation.Title);
        if (!copy.IsExpression("down", down) || await FillAsync(copy, column, down) is not { } fill)
        {
            return column;
        }

        if (fill.Sources.Contains(column.Name))
        {
            copy.Refuse("down", $"it reads {column.Name} itself, which new code leaves empty.", "Use other columns.");
        }

        NewColumn filled = Filled(column, fill);
        draft.Refused.AddRange([
            .. ColumnRefusals.OfFilling(column.Table, filled, where),
            .. await new Rights(draft.Connection, column.Table, draft.Server, draft.Cancel).ToReadAsync(filled, where),
        ]);
        RowTrial trial = new(draft.Connection, column.Table, draft.Time);
        if (
            !draft.HasProblems
            && !fill.IsVolatile
            && await trial.ObjectionAsync(where, [down], draft.Cancel) is { } objection
        )
        {
            draft.Refused.Add(objection);
        }

        foreach ((string name, string value) in fill.ExtensionSettings)
        {
            draft.Settings[name] = value;
        }

        return column with
        {
            Down = filled,
            Constant = fill is { IsVolatile: false, Sources: [], Functions: [], Reads: [] } ? down : null,
        };
    }

    private async Task<Fill?> FillAsync(TableCopy copy, DroppedColumn column, string down)
    {
        Fill? fill = null;
        bool fits = await copy.TryAsync(
            "down",
            $"The expression may use the columns of {column.Table.Sql}, and must fit the column's type.",
            async () =>
            {
                fill = await new ExpressionProbe(draft.Connection, column.Table, copy).DescribeAsync(
                    down,
                    draft.Cancel
                );
                await draft.Connection.ExecuteAsync(
                    $"EXPLAIN UPDATE {copy.Sql} SET {column.Sql} = {Sql.Parenthesised(down)}",
                    draft.Cancel
                );
            },
            draft.Cancel
        );
        return fits ? fill : null;
    }

    private static NewColumn Filled(DroppedColumn column, Fill fill) =>
        new()
        {
            IsThere = true,
            Change = new AddColumn
            {
                Table = column.Operation.Table,
                Name = column.Name,
                Type = column.Column.Type,
                Nullable = false,
                Backfill = fill.Expression,
            },
            Type = column.Column.Type,
            Collate = "",
            TypeRewrites = false,
            IsComposite = column.Column.IsComposite,
            TypeHasDefault = false,
            DefaultIsMetadata = true,
            BackfillIsConstant = false,
            Fill = fill,
            Names = new ConstraintNames("", "", "", "", ""),
        };

    private async Task<IReadOnlyList<Problem>> ObjectionsAsync(DroppedColumn column)
    {
        List<(string What, string Remedy)> found = [];
        bool getsNull = column.Down is null && !column.HasDefault;
        if (getsNull && (column.Column.IsNotNull || column.TypeRejectsNull))
        {
            found.Add(
                (
                    $"{column.Title} allows no NULL and has no default: rows of new code, which does not know it, "
                        + "would be rejected.",
                    WayOut
                )
            );
        }
        else if (column is { Down: not null, TypeRejectsNull: true })
        {
            found.Add(
                (
                    $"the type of {column.Title} is a domain that rejects NULL, before a trigger could replace it.",
                    "Give `default:` instead of `down:`."
                )
            );
        }
        else
        {
            found.AddRange(await OfChecksAsync(column, getsNull));
            found.AddRange(await OfUniqueAsync(column, getsNull));
        }

        return [.. found.Select(each => new Problem(column.Operation.Title, each.What, each.Remedy))];
    }

    /// <summary>CHECKs of this column alone, for the values that rows without one get.</summary>
    private async Task<IReadOnlyList<(string What, string Remedy)>> OfChecksAsync(DroppedColumn column, bool getsNull)
    {
        IReadOnlyList<(string Name, string Expression)> checks = await draft.Connection.QueryAsync(
            "SELECT k.conname::text, pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k JOIN pg_attribute a ON "
                + "a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum] WHERE k.conrelid = $1::oid AND a.attname = "
                + "$2 AND k.contype = 'c' ORDER BY 1",
            row => (row.GetString(0), row.GetString(1)),
            draft.Cancel,
            (long)column.Table.Oid,
            column.Name
        );
        string[] values =
        [
            .. When(getsNull || (column.Down is not null && column.IsKept), "NULL"),
            .. When(column.Operation.Default),
        ];
        List<(string, string)> found = [];
        foreach ((string name, string expression) in checks)
        {
            foreach (string value in values)
            {
                bool isRejected = await draft.Connection.ScalarAsync<bool>(
                    $"SELECT ({expression}) IS FALSE FROM (SELECT {Sql.Parenthesised(value)}::{column.Column.Type} "
                        + $"AS {column.Sql}) AS {Sql.Name(column.Table.Name)}",
                    draft.Cancel
                );
                found.AddRange(
                    When(
                        isRejected,
                        (
                            $"the CHECK {name} rejects the value that rows without {column.Name} get ({value}).",
                            value == "NULL" && column.Down is null
                                ? WayOut
                                : "Give another value, or `drop_constraint` it first."
                        )
                    )
                );
            }
        }

        return found;
    }

    /// <summary>Unique indexes of this column alone: rows of new code may not all have the same value.</summary>
    private async Task<IReadOnlyList<(string What, string Remedy)>> OfUniqueAsync(DroppedColumn column, bool getsNull)
    {
        if (column.Constant is null && !getsNull)
        {
            return [];
        }

        string nullsToo = draft.Server.Major >= 15 ? "i.indnullsnotdistinct" : "false";
        IReadOnlyList<string> indexes = await draft.Connection.QueryAsync(
            $"""
            SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = $2 AND a.attnum = ANY (i.indkey::int2[])
            WHERE i.indrelid = $1::oid AND (i.indisunique OR i.indisexclusion) AND ({nullsToo} OR NOT $3) ORDER BY 1
            """,
            row => row.GetString(0),
            draft.Cancel,
            (long)column.Table.Oid,
            column.Name,
            getsNull
        );
        return
        [
            .. indexes.Select(index =>
                (
                    $"{index} is unique, and rows of new code would all have the same {column.Name} "
                        + $"({(getsNull ? "NULL" : column.Constant)}).",
                    "Give a `down:` that differs from row to row, or drop the index or constraint first."
                )
            ),
        ];
    }
}
