using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>A table to be dropped, with its facts.</summary>
internal sealed record DroppedTable(
    DropTable Operation,
    Table Table,
    KeptTable Kept,
    IReadOnlyList<ExistingConstraint> Keys
)
{
    public static async Task<DroppedTable> OfAsync(Draft draft, DropTable operation, Table table) =>
        new(
            operation,
            table,
            await KeptTable.OfAsync(draft.Connection, table, draft.Change.Name, draft.Cancel),
            [
                .. (await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel)).Where(constraint =>
                    constraint.Kind == 'f'
                    && !constraint.IsInherited
                    && constraint.Parent != new TableName(table.Schema, table.Name)
                ),
            ]
        );
}
