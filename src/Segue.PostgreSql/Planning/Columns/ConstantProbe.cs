using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Asks about a backfill that is one value for all rows and serves old code as a temporary default. The app's session
/// evaluates a default. If the session's settings, search path or privileges could change the value, the default is
/// replaced by its value under the plan's settings.
/// </summary>
/// <param name="definition">The column's name and type, as ADD COLUMN writes them.</param>
internal sealed class ConstantProbe(NpgsqlConnection connection, Table table, TableCopy copy, string definition)
{
    private static readonly string[] Clocks =
    [
        "now()",
        "current_timestamp",
        "transaction_timestamp()",
        "statement_timestamp()",
    ];

    /// <summary>
    /// The backfill to add the column with; null if only the trigger can give each new row its value, as for one that
    /// reads the clock.
    /// </summary>
    public async Task<string?> FixedAsync(AddColumn change, string type, CancellationToken cancel)
    {
        string expression = change.Backfill!;
        if (
            type.StartsWith("timestamp", StringComparison.Ordinal)
            && type.EndsWith("with time zone", StringComparison.Ordinal)
            && Clocks.Contains(expression.Trim().ToLowerInvariant())
        )
        {
            return expression;
        }

        (bool isPlain, string? value) = (false, null);
        await copy.SucceedsAsync(
            async () =>
            {
                await connection.ExecuteAsync(
                    $"ALTER TABLE {copy.Sql} ADD COLUMN {definition} DEFAULT {Sql.Parenthesised(expression)}",
                    cancel
                );
                // Otherwise the text of a floating-point number might be rounded.
                await connection.SetLocalAsync(cancel, [("extra_float_digits", "3")]);
                IReadOnlyList<(bool, string?)> stored = await connection.QueryAsync(
                    StoredQuery,
                    row => (row.GetBoolean(0), row.Nullable<string>(1)),
                    cancel,
                    copy.Sql,
                    change.Name
                );

                // The server stores NULL as no default.
                (isPlain, value) = stored is [var found] ? found : (true, null);
            },
            cancel
        );
        if (isPlain || value is null)
        {
            return expression;
        }

        Fill? described = null;
        await copy.SucceedsAsync(
            async () =>
                described = await new ExpressionProbe(connection, table, copy).DescribeAsync(expression, cancel),
            cancel
        );
        return described switch
        {
            null or { IsFree: true } => expression,
            { MovesWithClock: true } or { ReadsOfSession.Count: > 0 } => null,
            _ => $"{Sql.Literal(value)}::{type}",
        };
    }

    // A constant is plain, and so is one that is cut or padded to the length of its type. The value is that of existing
    // rows, which the server keeps once.
    private const string StoredQuery = """
        SELECT NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, '\{([A-Z_]+)', 'g') AS tag
            WHERE tag[1] NOT IN ('CONST', 'RELABELTYPE', 'FUNCEXPR'))
               AND NOT EXISTS (SELECT FROM regexp_matches(d.adbin::text, ':funcid (\d+)', 'g') AS called
                   WHERE called[1]::oid NOT IN (SELECT castfunc FROM pg_cast WHERE castsource = casttarget)),
               (a.attmissingval::text::text[])[1]
        FROM pg_attribute a JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = $1::regclass AND a.attname = $2
        """;
}
