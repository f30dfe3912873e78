using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>The storage parameters and the comment that a table has.</summary>
/// <param name="Values">By name; those of its TOAST table begin with <c>toast.</c></param>
internal sealed record TableOptions(IReadOnlyDictionary<string, string> Values, bool HasToast, string? Comment)
{
    private const string OfToast = "toast.";

    public static bool IsOfToast(string name) => name.StartsWith(OfToast, StringComparison.Ordinal);

    public static async Task<TableOptions> ReadAsync(
        NpgsqlConnection connection,
        Table table,
        CancellationToken cancel
    ) =>
        (
            await connection.QueryAsync(
                $"""
                SELECT coalesce(c.reloptions, '{"{}"}')
                    || ARRAY(SELECT '{OfToast}' || option FROM unnest(t.reloptions) AS option), t.oid IS NOT NULL,
                    obj_description(c.oid, 'pg_class')
                FROM pg_class c LEFT JOIN pg_class t ON t.oid = nullif(c.reltoastrelid, 0) WHERE c.oid = $1::oid
                """,
                row => new TableOptions(
                    row.GetFieldValue<string[]>(0)
                        .Select(option => option.Split('=', 2))
                        .ToDictionary(option => option[0], option => option[1]),
                    row.GetBoolean(1),
                    row.Nullable<string>(2)
                ),
                cancel,
                (long)table.Oid
            )
        )[0];

    /// <summary>A condition.</summary>
    /// <param name="value">Null for none.</param>
    public static string Is(Table table, string name, string? value)
    {
        (string relation, string own) = IsOfToast(name) ? ("c.reltoastrelid", name[OfToast.Length..]) : ("c.oid", name);
        string option = value is null
            ? $"split_part(option, '=', 1) = {PostgreSql.Connections.Sql.Literal(own)}"
            : $"option = {PostgreSql.Connections.Sql.Literal($"{own}={value}")}";
        string exists =
            $"EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class o ON o.oid = {relation} "
            + "CROSS JOIN unnest(o.reloptions) AS option WHERE c.oid = "
            + $"to_regclass({PostgreSql.Connections.Sql.Literal(table.Sql)}) AND {option})";
        return value is null ? $"NOT {exists}" : exists;
    }
}
