using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>Reasons not to drop a table, or why it could not be restored.</summary>
/// <param name="gone">All tables that the change drops.</param>
internal sealed class DropTableRefusals(Draft draft, DroppedTable dropped, IReadOnlyList<Table> gone)
{
    private Table Table => dropped.Table;

    public async Task<IReadOnlyList<Problem>> FindAsync()
    {
        (Table table, string where) = (Table, dropped.Operation.Title);
        TableFacts facts = await TableFacts.OfAsync(draft.Connection, table, draft.Cancel);
        IReadOnlyList<string> dependents = await Dependents.OfAsync(draft.Connection, table, gone, draft.Cancel);
        IEnumerable<(string What, string Remedy)> objections =
        [
            .. OfShape(),
            .. facts.Extension is { } extension
                ?
                [
                    (
                        $"belongs to the extension {extension}, which needs it.",
                        "Drop the extension, or remove the table from it: `ALTER EXTENSION "
                            + $"{Sql.Name(extension)} DROP TABLE {table.Sql}`."
                    ),
                ]
                : Array.Empty<(string, string)>(),
            .. facts.Subscriptions.Select(subscription =>
                (
                    $"is filled by the subscription {subscription}.",
                    $"First change the subscription: `ALTER SUBSCRIPTION {Sql.Name(subscription)} ...`."
                )
            ),
            .. dependents.Count == 0
                ? Array.Empty<(string, string)>()
                :
                [
                    (
                        $"has dependent objects: {string.Join(", ", dependents)}.",
                        "Drop or change these first; Segue never uses CASCADE."
                    ),
                ],
        ];
        return
        [
            .. objections.Select(objection => new Problem(
                where,
                $"{table.Schema}.{table.Name} {objection.What}",
                objection.Remedy
            )),
            .. await OfRightsAsync(where),
        ];
    }

    private IEnumerable<(string What, string Remedy)> OfShape()
    {
        if (Table.IsPartition)
        {
            yield return ("is a partition.", "Detach it first: `ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY`.");
        }

        if (Table.Inherits)
        {
            yield return ("takes part in inheritance.", "`ALTER TABLE ... NO INHERIT` first.");
        }

        if (Table.IsPartitioned && dropped.Keys.Count > 0 && draft.Server.Major < 18)
        {
            yield return (
                $"is partitioned and has the foreign key {dropped.Keys[0].Name}. Up to PostgreSQL 17 "
                    + "restoring that key would lock the table for as long as reading its rows takes.",
                "`drop_constraint` it first."
            );
        }
    }

    private async Task<IReadOnlyList<Problem>> OfRightsAsync(string where)
    {
        bool mayMakeSchemas = await draft.Connection.ScalarAsync<bool>(
            "SELECT has_database_privilege(current_database(), 'CREATE')",
            draft.Cancel
        );
        IReadOnlyList<string> foreign = await draft.Connection.QueryAsync(
            "SELECT pubname::text FROM pg_publication WHERE pubname = ANY ($1) AND NOT "
                + "pg_has_role(pubowner, 'USAGE') ORDER BY 1",
            row => row.GetString(0),
            draft.Cancel,
            (object)dropped.Kept.Publications.Select(each => each.Publication).Distinct().ToArray()
        );
        return
        [
            .. mayMakeSchemas
                ? Array.Empty<Problem>()
                :
                [
                    new Problem(
                        where,
                        "the table is set aside in a schema of its own, and our role may not create one.",
                        $"`GRANT CREATE ON DATABASE {Sql.Name(draft.Connection.Database)} TO "
                            + $"{Sql.Name(draft.Server.Role)}`."
                    ),
                ],
            .. foreign.Select(publication => new Problem(
                where,
                $"{Table.Schema}.{Table.Name} is published in {publication}, which belongs to another role.",
                $"Let its owner `ALTER PUBLICATION {Sql.Name(publication)} DROP TABLE {Table.Sql}`."
            )),
            .. await new Rights(draft.Connection, Table, draft.Server, draft.Cancel).ToIndexAsync(
                "the restored table",
                where
            ),
        ];
    }
}
