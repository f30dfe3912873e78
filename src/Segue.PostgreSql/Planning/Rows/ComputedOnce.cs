using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// An UPDATE that computes the values of each row once, in a subquery. A plain UPDATE computes them twice, for its
/// condition and for its assignment. If a value reads a column that is stored out of line, that computation is nearly
/// all of the work.
/// </summary>
/// <param name="alias">The table's own name, quoted, which expressions may use.</param>
internal sealed class ComputedOnce(string alias)
{
    private const string Computed = "segue_computed";

    /// <summary>The expressions to compute.</summary>
    public required IReadOnlyList<string> Values { get; init; }

    /// <summary>A condition on the row that does not use the values.</summary>
    public required string Needs { get; init; }

    /// <summary>The SET list, from the computed values.</summary>
    public required Func<IReadOnlyList<string>, string> Assignments { get; init; }

    /// <summary>A condition on the computed values: the row is to be written.</summary>
    public required Func<IReadOnlyList<string>, string> Writes { get; init; }

    private string[] Names => [.. Values.Index().Select(value => $"{Computed}.value_{value.Index}")];

    /// <param name="of">The relation with its alias.</param>
    /// <param name="condition">Which rows are checked.</param>
    public string Update(string of, string condition)
    {
        string values = string.Join(
            ", ",
            Values.Index().Select(value => $"{Sql.Parenthesised(value.Item)} AS value_{value.Index}")
        );

        // OFFSET 0 keeps it a subquery, so that nothing is computed again. Its values belong to the version that it
        // read. If an app has written the row since, the server may continue with the newer version, which xmin
        // distinguishes from the old one. Not every minor version compares ctid again then.
        return $"""
            UPDATE {of}
            SET {Assignments(Names)}
            FROM (
              SELECT ctid AS at, tableoid AS relation, xmin AS version, {values}
              FROM {of}
              WHERE {condition}
              OFFSET 0) AS {Computed}
            WHERE {alias}.ctid = {Computed}.at AND {alias}.tableoid = {Computed}.relation
                AND {alias}.xmin = {Computed}.version
              AND {Writes(Names)}
            """;
    }
}
