using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// A table whose rows refer to each other: when a row is deleted, its descendants at any depth are deleted in the same
/// statement.
/// </summary>
/// <param name="condition">Which rows are deleted.</param>
internal sealed class SelfReference(Table table, ReferencingKey key, string condition)
{
    /// <summary>The foreign key's.</summary>
    public string Name => key.Name;

    private string Alias => Sql.Name(table.Name);

    private string Keys => string.Join(", ", key.Columns.Select(pair => $"{Alias}.{pair.Referenced}"));

    /// <summary>A common table expression with the addresses of rows that are deleted together.</summary>
    /// <param name="of">The table with its alias.</param>
    /// <param name="where">Of a batch.</param>
    public string Going(string of, string where) =>
        $"""
            segue_going (segue_address, {string.Join(", ", Names)}) AS (
              SELECT {Alias}.ctid, {Keys} FROM {of}
              WHERE {where}
              UNION
              SELECT {Alias}.ctid, {Keys} FROM segue_going
              JOIN {of} ON {string.Join(
                " AND ",
                key.Columns.Zip(Names, (pair, name) => $"{Alias}.{pair.Own} = segue_going.{name}")
            )}
              WHERE {condition})
            """;

    public string IsGoing => $"ctid = ANY (ARRAY(SELECT segue_address FROM segue_going)) AND {condition}";

    /// <summary>A condition: the row stays, and refers to a deleted one.</summary>
    public string StaysBehind =>
        $"({condition}) IS NOT TRUE AND EXISTS (SELECT FROM (SELECT {Keys} FROM {table.Sql} AS {Alias} "
        + $"WHERE {condition}) AS segue_parent WHERE "
        + string.Join(" AND ", key.Columns.Select(pair => $"segue_parent.{pair.Referenced} = {Alias}.{pair.Own}"))
        + ")";

    private IEnumerable<string> Names => key.Columns.Select((_, n) => $"segue_key{n}");
}
