using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Checks the value that replaces a column's NULLs against the table: constraints that forbid it, so that old code's
/// statements would fail once the trigger exists, and foreign keys that set the column to NULL, which the trigger would
/// silently undo.
/// </summary>
/// <param name="copy">With all constraints.</param>
internal sealed class FilledNulls(NpgsqlConnection connection, Table table, TableCopy copy, string column, Fill fill)
{
    private const int Blocks = 2_000;
    private const int Rows = 500;

    private string Alias => Sql.Name(table.Name);

    private string Value => Sql.Parenthesised(fill.Expression);

    public async Task<Problem?> ObjectionAsync(string where, CancellationToken cancel) =>
        await EmptiedByAsync(connection, table, column, cancel) is { } key
            ? new Problem(
                where,
                $"the foreign key {key} sets {column} to NULL when its parent row is deleted or its key "
                    + "changes. The trigger would restore the value at once, and it may refer to a parent "
                    + "that does not exist any more.",
                "Drop that key first, and add it again afterwards with another action; or leave "
                    + "`backfill` out and correct the rows by a separate `backfill`."
            )
        : !fill.IsVolatile && await RejectedAsync(cancel) is { } rejection
            ? new Problem(
                where,
                $"the backfill value violates a constraint of {table.Name}: {rejection} Statements of "
                    + $"old code that leave {column} NULL would fail from the expand stage on.",
                "Give an expression whose values satisfy the constraints of the table."
            )
        : null;

    /// <summary>The name of a foreign key by which the server sets the column to NULL; null where none does.</summary>
    public static Task<string?> EmptiedByAsync(
        NpgsqlConnection connection,
        Table table,
        string column,
        CancellationToken cancel
    ) =>
        connection.ScalarAsync<string>(
            """
            SELECT k.conname::text FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid
                AND a.attnum = ANY (k.conkey)
            WHERE k.contype = 'f' AND k.conrelid = $1::oid AND a.attname = $2
              AND (k.confupdtype = 'n' OR (k.confupdtype = 'd' AND NOT a.atthasdef)
                OR (k.confdeltype = 'n' OR (k.confdeltype = 'd' AND NOT a.atthasdef))
                    AND coalesce(nullif(to_jsonb(k) -> 'confdelsetcols', 'null') @> to_jsonb(a.attnum), true))
            ORDER BY 1 LIMIT 1
            """,
            cancel,
            (long)table.Oid,
            column
        )!;

    /// <summary>
    /// Inserts rows with the new value into the copy, with its CHECKs and unique indexes, and compares them with the
    /// parents of foreign keys. Null also if no row shows anything: none without a value was found, or the expression
    /// fails on one, which the trigger accepts and the fill reports.
    /// </summary>
    private async Task<string?> RejectedAsync(CancellationToken cancel)
    {
        string[] columns = [.. table.Columns.Except(table.GeneratedColumns)];
        string row = string.Join(
            ", ",
            columns.Select(each => each == column ? $"{Value} AS {Sql.Name(each)}" : $"{Alias}.{Sql.Name(each)}")
        );
        (bool breaks, string? orphans) = (false, null);
        TableCopy asking = new(connection, table);
        bool taken = await asking.TryAsync(
            "",
            "",
            async () =>
            {
                try
                {
                    await connection.ExecuteAsync(
                        $"INSERT INTO {copy.Sql} ({Sql.Names(columns)}) OVERRIDING SYSTEM VALUE SELECT "
                            + $"{row} FROM {table.Sql} AS {Alias} WHERE {Alias}.{Sql.Name(column)} IS NULL AND "
                            + $"ctid < '({Blocks},0)' LIMIT {Rows}",
                        cancel
                    );
                    orphans = await OrphanedByAsync(cancel);
                }
                catch (PostgresException error)
                {
                    breaks = Errors.Classify(error) == ErrorClass.Rows;
                    throw;
                }
            },
            cancel
        );
        return taken ? orphans
            : breaks ? asking.Problems[^1].What
            : null;
    }

    private async Task<string?> OrphanedByAsync(CancellationToken cancel)
    {
        foreach (
            (string name, string parent, string[] own, string[] referenced) in await connection.QueryAsync(
                KeysQuery,
                row =>
                    (
                        row.GetString(0),
                        row.GetString(1),
                        row.GetFieldValue<string[]>(2),
                        row.GetFieldValue<string[]>(3)
                    ),
                cancel,
                (long)table.Oid,
                column
            )
        )
        {
            string given = string.Join(" AND ", own.Select(each => $"child.{each} IS NOT NULL"));
            string match = string.Join(" AND ", own.Zip(referenced, (a, b) => $"parent.{b} = child.{a}"));
            if (
                await connection.ScalarAsync<bool>(
                    $"SELECT EXISTS (SELECT FROM {copy.Sql} AS child WHERE {given} AND NOT EXISTS (SELECT "
                        + $"FROM {parent} AS parent WHERE {match}))",
                    cancel
                )
            )
            {
                return $"it violates the foreign key {name}.";
            }
        }

        return null;
    }

    private const string KeysQuery = $"""
        SELECT k.conname::text, format('%I.%I', n.nspname, c.relname),
               {ExistingConstraint.KeyColumns}
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = $1::oid
            AND (SELECT attnum FROM pg_attribute WHERE attrelid = k.conrelid AND attname = $2) = ANY (k.conkey)
            ORDER BY 1
        """;
}
