using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Names rows for people: by their primary key, or else by their physical address. Naming them never fails.
/// </summary>
internal static class RowKeys
{
    /// <summary>The prefix of the name of a row without a key. No column can have that name.</summary>
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
    /// A text that can always be sent. Bytes that are invalid in the encoding, or characters that Unicode lacks, are
    /// written as numbers.
    /// </summary>
    public static string Shown(string text, Table table) =>
        table.EncodingIsUnicode
            ? text
            : $"CASE WHEN {text} COLLATE \"C\" ~ '[^ -~]' "
                + $"THEN encode(convert_to({text}, getdatabaseencoding()), 'escape') ELSE {text} END";
}
