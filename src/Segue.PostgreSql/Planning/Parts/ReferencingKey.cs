using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>A foreign key of another table, through which a deleted row affects that table.</summary>
/// <param name="Action"><c>pg_constraint.confdeltype</c>.</param>
/// <param name="IsIndexed">An index begins with its columns.</param>
/// <param name="IsReadable">Our role sees all of its rows.</param>
/// <param name="Columns">Its columns, quoted, each with the one it refers to.</param>
internal sealed record ReferencingKey(
    string Name,
    string Relation,
    char Action,
    bool IsIndexed,
    bool IsReadable,
    IReadOnlyList<(string Own, string Referenced)> Columns
)
{
    /// <summary>Its table, always quoted.</summary>
    public required string Table { get; init; }

    /// <summary>Deleting a referenced row fails.</summary>
    public bool Forbids => Action is 'a' or 'r';

    /// <summary>A condition on a row of the table: a row refers to it.</summary>
    public string Refers(Table table) =>
        $"EXISTS (SELECT FROM {Relation} AS segue_child WHERE "
        + string.Join(
            " AND ",
            Columns.Select(pair => $"segue_child.{pair.Own} = {Sql.Name(table.Name)}.{pair.Referenced}")
        )
        + ")";

    public Hazard Hazard(Table table)
    {
        string does = Action switch
        {
            'c' => "deletes rows there too",
            'n' or 'd' => "sets the columns there to NULL",
            _ => "fails, and the batch with it, while a row there refers to the deleted one: exclude such "
                + "rows by `where`",
        };
        string reads = IsIndexed
            ? ""
            : $" No index there begins with its columns, so each deleted row reads all of {Relation}: "
                + "`create_index` first.";
        return new Hazard(
            "referenced",
            $"The foreign key {Name} of {Relation} refers to {table.Name}: a delete {does}.{reads}"
        );
    }

    public static Task<IReadOnlyList<ReferencingKey>> OfAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        connection.QueryAsync(
            $"""
            SELECT k.conname::text, format('%I.%I', n.nspname, c.relname), k.confdeltype,
                   EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
                       AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey),
                   has_table_privilege(k.conrelid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
                       AND NOT row_security_active(k.conrelid),
                   {ExistingConstraint.KeyColumns},
                       {Sql.Qualified("n.nspname", "c.relname")}
            FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = $1::oid ORDER BY 1, 2
            """,
            row => new ReferencingKey(
                row.GetString(0),
                row.GetString(1),
                row.GetChar(2),
                row.GetBoolean(3),
                row.GetBoolean(4),
                [.. row.GetFieldValue<string[]>(5).Zip(row.GetFieldValue<string[]>(6))]
            )
            {
                Table = row.GetString(7),
            },
            cancel,
            (long)table.Oid
        );
}
