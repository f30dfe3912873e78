using Npgsql;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>A CHECK as the server sees it.</summary>
/// <param name="Text">The expression as the server prints it.</param>
/// <param name="NamesColumn">It names the new column, so it is dropped with the column.</param>
internal sealed record PlannedCheck(string Text, bool NamesColumn)
{
    private const string ProbeName = "segue_probe_check";

    /// <summary>The expression of a row of <c>pg_constraint</c>.</summary>
    public static string Definition(string row) => $"pg_get_expr({row}.conbin, {row}.conrelid)";

    /// <summary>Adds it to a copy of the table that has the column; the caller rolls that back.</summary>
    public static async Task<PlannedCheck> ProbeAsync(
        NpgsqlConnection connection,
        string copy,
        string column,
        string expression,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync(
            $"ALTER TABLE {copy} ADD CONSTRAINT {ProbeName} CHECK {Sql.Parenthesised(expression)}",
            cancel
        );
        string printed = Printing.Of(Definition("k"));
        return (
            await connection.QueryAsync(
                $"""
                SELECT {printed}, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = $2
                    AND a.attnum = ANY (k.conkey))
                FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.conname = '{ProbeName}'
                """,
                row => new PlannedCheck(row.GetString(0), row.GetBoolean(1)),
                cancel,
                copy,
                column
            )
        )[0];
    }
}
