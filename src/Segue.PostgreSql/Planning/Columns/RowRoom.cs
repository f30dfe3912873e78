using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Checks whether rows have room for another column. A row must fit into one page, and also a dropped column takes a
/// place in each new row's bitmap of NULLs until the table is rewritten (documentation, "Database Page Layout").
/// </summary>
internal sealed class RowRoom(Draft draft, Table table)
{
    /// <summary>For each physical table whose rows may be that wide.</summary>
    private const int LookedAtBlocks = 2000;

    /// <summary>What the page needs for itself, and for the pointer to its only row.</summary>
    private const int PageHead = 32;

    private const int RowHead = 23;

    /// <summary>
    /// A value that can be moved out of line leaves this much in the row; one up to <see cref="LargestInline"/> is not
    /// moved.
    /// </summary>
    private const int Pointer = 18;
    private const int LargestInline = 24;

    public async Task CheckAsync(IReadOnlyList<NewColumn> added)
    {
        int page = await draft.Connection.ScalarAsync<int>("SELECT current_setting('block_size')::int", draft.Cancel);
        int limit = page - PageHead;
        Attribute[] more =
        [
            .. (
                await draft.Connection.QueryAsync(
                    "SELECT '', typlen, typalign, typstorage, false FROM unnest($1) AS name JOIN pg_type t "
                        + "ON t.oid = to_regtype(name)",
                    Read,
                    draft.Cancel,
                    (object)
                        added
                            .Where(column => column.Change.Generated is not { Stored: false })
                            .Select(column => column.Type)
                            .ToArray()
                )
            ),
        ];
        foreach (string relation in table.AllRelations())
        {
            IReadOnlyList<Attribute> attributes = await draft.Connection.QueryAsync(
                AttributesQuery,
                Read,
                draft.Cancel,
                relation
            );
            if (attributes.Count + added.Count > ColumnRefusals.MostColumns)
            {
                Refuse(
                    added,
                    $"{relation} has {attributes.Count:N0} columns, of {ColumnRefusals.MostColumns:N0} at "
                        + "most; dropped columns count.",
                    "Split the table; or, if many columns were dropped, copy it into a new one."
                );
                return;
            }

            Attribute[] all = [.. attributes, .. more];
            int head = Align(RowHead + ((attributes.Count + added.Count + 7) / 8), 'd');
            int needed = head + DataOf(more, Pointer);
            if (
                head + DataOf(all, LargestInline) > limit
                && await TooWideAsync(relation, attributes, needed, limit) is { } what
            )
            {
                Refuse(
                    added,
                    what,
                    "Put the column into a separate table that refers to this one. A rollback would "
                        + "not free the space: a dropped column keeps its place until the table is rewritten."
                );
                return;
            }
        }
    }

    private void Refuse(IReadOnlyList<NewColumn> added, string what, string remedy) =>
        draft.Refused.Add(new Problem(added[0].Title, what, remedy));

    /// <summary>The rows without room; null if none was found.</summary>
    /// <param name="needed">The head of a row and the values of the new columns.</param>
    private async Task<string?> TooWideAsync(
        string relation,
        IReadOnlyList<Attribute> attributes,
        int needed,
        int limit
    )
    {
        int full = DataOf(attributes, 1);
        int bitmap = attributes.Any(each => each.IsDropped) ? (attributes.Count + 7) / 8 : 0;
        int today = Align(RowHead + bitmap, 'd') + full;
        if (today <= limit && needed + full > limit)
        {
            return $"a row of {relation} with a value in every column takes at least {today:N0} of the "
                + $"{limit:N0} bytes that a page has for a row, and would take {needed + full:N0}. Such a row "
                + "could not be inserted or updated any more.";
        }

        // A partitioned table has no rows of its own, and our role may not read every table.
        long pages = await draft.Connection.ScalarAsync<long>(
            "SELECT CASE WHEN has_table_privilege($1, 'SELECT') THEN pg_relation_size($1::regclass) / "
                + "current_setting('block_size')::bigint ELSE 0 END",
            draft.Cancel,
            relation
        );
        if (pages == 0)
        {
            return null;
        }

        string percent = Math.Clamp(100.0 * LookedAtBlocks / pages, 0.0001, 100)
            .ToString("0.####", System.Globalization.CultureInfo.InvariantCulture);
        string[] sizes =
        [
            .. attributes
                .Where(each => !each.IsDropped)
                .Select(SizeOf)
                .Chunk(40)
                .Select(chunk => $"({string.Join(" + ", chunk)})"),
        ];
        IReadOnlyList<(string Key, long Size)> rows = await draft.Connection.QueryAsync(
            $"""
            SELECT key, size::bigint FROM (SELECT {RowKeys.Of(table)} AS key, {string.Join(" + ", sizes)} AS size
                FROM {relation} TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)) AS sized
            WHERE size > {limit - needed} ORDER BY size DESC LIMIT 5
            """,
            row => (row.GetString(0), row.GetInt64(1)),
            draft.Cancel
        );
        return rows.Count == 0
            ? null
            : $"some rows of {relation} have no room for the column, e.g. "
                + $"{string.Join("; ", rows.Select(row => row.Key))}: with it they would take "
                + $"{needed + rows[0].Size:N0} of the {limit:N0} bytes that a page has for a row, and could "
                + "not be updated any more.";
    }

    /// <summary>The size of the values, one behind the other.</summary>
    /// <param name="ofVariable">Bytes of a value whose length differs.</param>
    private static int DataOf(IEnumerable<Attribute> attributes, int ofVariable) =>
        attributes
            .Where(each => !each.IsDropped)
            .Aggregate(
                0,
                (offset, each) => each.Length > 0 ? Align(offset, each.Alignment) + each.Length : offset + ofVariable
            );

    private static int Align(int offset, char alignment) =>
        alignment switch
        {
            'd' => (offset + 7) & ~7,
            'i' => (offset + 3) & ~3,
            's' => (offset + 1) & ~1,
            _ => offset,
        };

    /// <summary>
    /// An expression: bytes of the value in the row once as much as possible is moved out of it. Nothing that is out of
    /// line is fetched.
    /// </summary>
    private static string SizeOf(Attribute attribute)
    {
        string column = Sql.Name(attribute.Name);
        return attribute.Length > 0 ? $"CASE WHEN {column} IS NULL THEN 0 ELSE {attribute.Length} END"
            : attribute.Storage == 'p' ? $"coalesce(pg_column_size({column}), 0)"
            : $"coalesce(CASE WHEN pg_column_size({column}) > {LargestInline} THEN {Pointer} ELSE "
                + $"pg_column_size({column}) END, 0)";
    }

    private static Attribute Read(Npgsql.NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetInt16(1), row.GetChar(2), row.GetChar(3), row.GetBoolean(4));

    private const string AttributesQuery =
        "SELECT attname::text, attlen, attalign, attstorage, attisdropped FROM pg_attribute WHERE attrelid "
        + "= $1::regclass AND attnum > 0 ORDER BY attnum";

    /// <param name="Length">Negative where it differs from value to value.</param>
    /// <param name="Alignment"><c>pg_attribute.attalign</c>.</param>
    /// <param name="Storage"><c>pg_attribute.attstorage</c>.</param>
    private sealed record Attribute(string Name, short Length, char Alignment, char Storage, bool IsDropped);
}
