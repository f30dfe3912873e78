using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// Conditions on OLD and NEW: a source of a derived column has changed. Unchanged values must not be read from TOAST
/// for that.
/// </summary>
internal sealed class SourceChanges(Table table, IEnumerable<NewColumn> derived, int major)
{
    /// <summary>From 17 on <c>pg_column_toast_chunk_id</c> shows that two values are the same one in TOAST.</summary>
    private const int ToastIdentity = 17;

    /// <summary>
    /// Before 17 only the statement's column list shows which columns were not written. A BEFORE trigger of the user
    /// may change columns that are not in it, so with one every value is compared.
    /// </summary>
    public bool NeedColumnList => ReadToast && !table.HasTriggersBeforeUpdate;

    /// <summary>An update of other columns reads the sources from TOAST.</summary>
    public bool ReadAll => ReadToast && table.HasTriggersBeforeUpdate;

    private bool ReadToast =>
        major < ToastIdentity && derived.Any(column => column.Fill!.Sources.Any(table.ToastableColumns.Contains));

    public string Of(NewColumn column)
    {
        string[] sources = [.. column.Fill!.Sources];
        string[] plain =
        [
            .. major < ToastIdentity ? sources : sources.Where(source => !table.ToastableColumns.Contains(source)),
        ];
        string[] changed =
        [
            .. When(plain.Length > 0, () => Conditions.AreDifferent(Row("OLD", plain), Row("NEW", plain))),
            .. sources
                .Except(plain)
                .Select(source =>
                    $"coalesce({ChunkId("OLD", source)} <> {ChunkId("NEW", source)}, true) AND "
                    + $"{Conditions.AreDifferent(Row("OLD", source), Row("NEW", source))}"
                ),
        ];
        return changed.Length switch
        {
            0 => "false",
            1 => changed[0],
            _ => $"({string.Join(" OR ", changed)})",
        };
    }

    private static string ChunkId(string record, string column) =>
        $"pg_column_toast_chunk_id({record}.{Sql.Name(column)})";

    private static string Row(string record, params IEnumerable<string> columns) =>
        string.Join(", ", columns.Select(column => $"{record}.{Sql.Name(column)}"));
}
