using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// The definition of an index without its name and table: the same for every physical table of a partitioned one.
/// </summary>
/// <param name="Text">As the server prints it after the table's name, e.g. <c>USING btree (region) WHERE (amount &gt;
/// 0)</c>.</param>
/// <param name="Predicate">The end of <paramref name="Text"/> from WHERE on; empty without one.</param>
internal sealed record IndexDefinition(string Text, string Predicate)
{
    public string? Tablespace { get; init; }

    /// <summary>
    /// Keys and included columns whose values may be longer than a row of the index can hold; only a B-tree has none
    /// that long.
    /// </summary>
    public IReadOnlyList<string> LongKeys { get; init; } = [];

    /// <summary>The same of GIN, GiST, SP-GiST and BRIN.</summary>
    public IReadOnlyList<string> LongEntries { get; init; } = [];

    /// <summary>For CREATE INDEX, after the table's name.</summary>
    public string Sql =>
        Tablespace is null
            ? Text
            : $"{Text[..^Predicate.Length]} TABLESPACE {PostgreSql.Connections.Sql.Name(Tablespace)}{Predicate}";
}
