using Npgsql;
using Segue.Changes;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// Asks the server about the condition of a <see cref="PruneRows"/> and its archive, on a copy of the table.
/// </summary>
internal sealed class PruningProbe(
    NpgsqlConnection connection,
    Table table,
    TableCopy copy,
    PruneRows operation,
    Table? archive
)
{
    /// <summary>Null if it is impossible; the copy then reports why.</summary>
    public async Task<Pruning?> AskAsync(CancellationToken cancel)
    {
        Fill? where = null;
        if (
            !copy.IsExpression("where", operation.Where)
            || !await copy.TryAsync(
                "where",
                $"Write a boolean condition on the columns of {table.Sql}.",
                async () =>
                {
                    where = await new ExpressionProbe(connection, table, copy).DescribeAsync(operation.Where, cancel);
                    await connection.ExecuteAsync(
                        $"EXPLAIN DELETE FROM {copy.Sql} WHERE {Sql.Parenthesised(operation.Where)}",
                        cancel
                    );
                },
                cancel
            )
        )
        {
            return null;
        }

        if (where!.IsVolatile)
        {
            copy.Refuse(
                "where",
                $"`{operation.Where}` gives another result each time, so Segue could not determine which rows remain.",
                "Write a condition on the row."
            );
            return null;
        }

        string[] columns = [.. table.Columns.Except(table.GeneratedColumns)];
        Pruning pruning = new(table, Sql.Parenthesised(operation.Where), archive, columns)
        {
            Reads = where.Reads,
            MovesWithClock = where.MovesWithClock,
        };
        return
            archive is null
            || await copy.TryAsync(
                "archive",
                $"Create it with `CREATE TABLE {archive.Sql} (LIKE {table.Sql})`.",
                () =>
                    connection.ExecuteAsync(
                        $"EXPLAIN {pruning.Statement($"{copy.Sql} AS {Sql.Name(table.Name)}", "true")}",
                        cancel
                    ),
                cancel
            )
            ? pruning
            : null;
    }
}

/// <param name="Condition">Which rows are deleted.</param>
/// <param name="Columns">The columns of the archive.</param>
internal sealed record Pruning(Table Table, string Condition, Table? Archive, IReadOnlyList<string> Columns)
{
    /// <summary>The foreign key between rows of the table; null if there is none.</summary>
    public SelfReference? Self { get; init; }

    /// <summary>More rows satisfy the condition as time passes.</summary>
    public required bool MovesWithClock { get; init; }

    /// <summary>Other relations that it reads.</summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>The values of a column that was added after the plan would be lost.</summary>
    public Obstacle MoreColumns(string kept) =>
        new(
            $"SELECT {HasMoreColumns}",
            $"{Table.Name} has a column that it did not have when the change was planned, and {kept} "
                + $"would not get its values. Roll back, add the column to {kept} as well"
        );

    /// <summary>As soon as such a column exists, batches delete no rows.</summary>
    /// <param name="of">The relation with its alias.</param>
    public string Statement(string of, string where)
    {
        string delete = $"DELETE FROM {of}\nWHERE {(Self is null ? where : Self.IsGoing)}";
        string going = Self is null ? "" : $"RECURSIVE {Self.Going(of, where)}";
        string kept = string.Join(", ", Columns.Select(column => $"{Sql.Name(Table.Name)}.{Sql.Name(column)}"));
        return Archive is null
            ? Self is null
                ? delete
                : $"WITH {going}\n{delete}"
            : $"WITH {going}{(Self is null ? "" : ",\n")}gone AS (\n{delete}\n  AND NOT "
                + $"{HasMoreColumns}\nRETURNING {kept})\nINSERT INTO {Archive.Sql} ({Sql.Names(Columns)}) "
                + $"OVERRIDING SYSTEM VALUE SELECT {Sql.Names(Columns)} FROM gone";
    }

    private string HasMoreColumns =>
        "EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = "
        + $"to_regclass({Sql.Literal(Table.Sql)}) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' "
        + $"AND attname !~ '{ObjectNames.KeptColumns}' "
        + $"AND attname NOT IN ({string.Join(", ", Columns.Select(Sql.Literal))}))";
}
