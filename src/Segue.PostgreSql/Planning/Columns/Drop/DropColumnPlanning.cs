using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Tables.Drop;
using Segue.PostgreSql.Planning.Triggers;

namespace Segue.PostgreSql.Planning.Columns.Drop;

/// <summary>
/// The road of <c>drop_column</c>: until the gate old code uses the column and new code's rows get a value; after it
/// the column gets a reserved name, from which a rollback restores it until it is purged.
/// </summary>
internal sealed class DropColumnPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(DropColumn operation)
    {
        if (draft.Change.Operations.FirstOrDefault(other => other is not DropColumn) is { } stranger)
        {
            draft.Invalid.Add(
                new Problem(
                    operation.Title,
                    $"`{stranger.Title}` is in the same change. Once completed it cannot be rolled back, so the "
                        + "column could not be restored either.",
                    "Put the drop into a change of its own."
                )
            );
            return [];
        }

        if (await FindAsync(operation) is not { } found)
        {
            return [];
        }

        draft.Refused.AddRange(await new DropColumnRefusals(draft, found).FindAsync());
        if (draft.HasProblems)
        {
            return [];
        }

        DroppedColumn column = await new NewRows(draft).ResolveAsync(found with { Keys = await KeysAsync(found) });
        if (draft.HasProblems)
        {
            return [];
        }

        await new RowCopyPlanning(draft, column.Table).CheckWithoutAsync(column.Name, operation.Title);
        await ExpectAsync(column);
        draft.Hazards.AddRange(await new DropColumnHazards(draft, column).FindAsync());
        bool changeOwner = draft.Server.IsSuperuser && column.Table.Owner != draft.Server.Role;
        return new DropColumnRoad(column, changeOwner).Plan();
    }

    private async Task<DroppedColumn?> FindAsync(DropColumn operation)
    {
        if (
            await draft.OwnedAsync(operation.Table, operation.Title) is not { } table
            || await draft.ColumnAsync(table, operation.Name, operation.Title) is not { } column
            || !draft.Claim(ClaimKind.Column, $"{table.Schema}.{table.Name}.{column.Name}", operation)
        )
        {
            return null;
        }

        (bool hasDefault, bool rejectsNull, string notNull) = (
            await draft.Connection.QueryAsync(
                """
                SELECT t.typtype = 'd' AND t.typdefault IS NOT NULL, t.typtype = 'd' AND t.typnotnull,
                    coalesce((SELECT k.conname::text FROM pg_constraint k WHERE k.conrelid = a.attrelid
                        AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]), '')
                FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = $1::oid AND a.attname = $2 AND NOT a.attisdropped
                """,
                row => (row.GetBoolean(0), row.GetBoolean(1), row.GetString(2)),
                draft.Cancel,
                (long)table.Oid,
                column.Name
            )
        )[0];
        return new DroppedColumn(operation, table, column, draft.Change.Name)
        {
            Server = draft.Server,
            TypeHasDefault = hasDefault,
            TypeRejectsNull = rejectsNull,
            NotNull = notNull,
        };
    }

    private async Task<IReadOnlyList<DroppedKey>> KeysAsync(DroppedColumn column)
    {
        string[] names =
        [
            .. (await OwnConstraintsAsync(column)).Where(each => each.Kind == 'f').Select(each => each.Name),
        ];
        List<DroppedKey> keys = [];
        foreach (
            ExistingConstraint key in await ExistingConstraint.OfAsync(draft.Connection, column.Table, draft.Cancel)
        )
        {
            if (names.Contains(key.Name) && await draft.FindAsync(key.Parent!, column.Operation.Title) is { } parent)
            {
                keys.Add(await DroppedKey.OfAsync(draft, column.Table, key, parent));
            }
        }

        return keys;
    }

    /// <summary>Constraints of this column alone.</summary>
    private Task<IReadOnlyList<(string Name, char Kind)>> OwnConstraintsAsync(DroppedColumn column) =>
        draft.Connection.QueryAsync(
            "SELECT k.conname::text, k.contype FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid "
                + "AND k.conkey = ARRAY[a.attnum] WHERE k.conrelid = $1::oid AND a.attname = $2 ORDER BY 1",
            row => (row.GetString(0), row.GetChar(1)),
            draft.Cancel,
            (long)column.Table.Oid,
            column.Name
        );

    /// <summary>What is no drift for other changes under way, behind the gate.</summary>
    private async Task ExpectAsync(DroppedColumn column)
    {
        IReadOnlyList<(string Name, char Kind)> constraints = await OwnConstraintsAsync(column);
        string[] names = [column.Name, .. constraints.Select(each => each.Name)];
        draft.Drift.ExpectBehindGate(
            await draft.Connection.QueryAsync(
                "SELECT format('%s %I.%I.%I ', CASE n WHEN 1 THEN 'column' ELSE 'constraint' END, $1, $2, name) "
                    + "FROM unnest($3) WITH ORDINALITY AS each(name, n)",
                row => row.GetString(0),
                draft.Cancel,
                column.Table.Schema,
                column.Table.Name,
                names
            )
        );
    }
}
