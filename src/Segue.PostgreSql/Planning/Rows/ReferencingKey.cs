using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>A foreign key of another table, by which a deleted row matters there.</summary>
/// <param name="Action"><c>pg_constraint.confdeltype</c>.</param>
/// <param name="IsIndexed">An index begins with its columns.</param>
internal sealed record ReferencingKey(string Name, string Relation, char Action, bool IsIndexed)
{
    public Hazard Hazard(Table table)
    {
        string does = Action switch
        {
            'c' => "deletes rows there too",
            'n' or 'd' => "empties the columns there",
            _ => "fails, and the batch with it, while a row there refers to the deleted one: let `where` leave such rows out",
        };
        string reads = IsIndexed ? "" : $" No index there begins with its columns, so each deleted row reads all of {Relation}: `create_index` first.";
        return new Hazard("referenced", $"The foreign key {Name} of {Relation} refers to {table.Name}: a delete {does}.{reads}");
    }

    public static Task<IReadOnlyList<ReferencingKey>> OfAsync(NpgsqlConnection connection, Table table, CancellationToken cancel) => connection.QueryAsync(
        """
        SELECT k.conname::text, k.conrelid::regclass::text, k.confdeltype,
               EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
        FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = $1::oid ORDER BY 1, 2
        """,
        row => new ReferencingKey(row.GetString(0), row.GetString(1), row.GetChar(2), row.GetBoolean(3)), cancel, (long)table.Oid);
}
