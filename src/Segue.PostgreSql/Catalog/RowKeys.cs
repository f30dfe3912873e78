using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// How rows are named to people: by their primary key, or else by where they are stored. Naming them never fails.
/// </summary>
internal static class RowKeys
{
    /// <summary>What the name of a row without a key begins with. A column cannot bear it.</summary>
    public const string Place = "ctid=";

    private const int Longest = 100;

    /// <summary>An expression over a row of the table, or of one of its partitions.</summary>
    public static string Of(Table table) =>
        table.PrimaryKey.Count == 0
            ? $"'{Place}' || ctid::text"
            : string.Join(
                " || ', ' || ",
                table.PrimaryKey.Select(key =>
                    $"{Sql.Literal(key + "=")} || {Shown($"left({Sql.Name(key)}::text, {Longest})", table)}"
                )
            );

    public static bool IsPlace(string name) => name.StartsWith(Place, StringComparison.Ordinal);

    /// <summary>
    /// A text that can be sent in any case. Bytes of an encoding that is none, or that has characters which Unicode has
    /// not, are written as numbers.
    /// </summary>
    public static string Shown(string text, Table table) =>
        table.EncodingIsUnicode
            ? text
            : $"CASE WHEN {text} COLLATE \"C\" ~ '[^ -~]' "
                + $"THEN encode(convert_to({text}, getdatabaseencoding()), 'escape') ELSE {text} END";
}
