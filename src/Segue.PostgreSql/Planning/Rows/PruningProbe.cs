using Npgsql;
using Segue.Changes;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Columns;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>Asks the server about the condition of a <see cref="PruneRows"/> and its archive, on a copy of the table.</summary>
internal sealed class PruningProbe(NpgsqlConnection connection, Table table, TableCopy copy, PruneRows operation, Table? archive)
{
    /// <summary>Null where it cannot be; the copy then says why.</summary>
    public async Task<Pruning?> AskAsync(CancellationToken cancel)
    {
        Fill? where = null;
        if (!copy.IsExpression("where", operation.Where) || !await copy.TryAsync("where", $"Write a boolean condition on the columns of {table.Sql}.", async () =>
            {
                where = await new ExpressionProbe(connection, table, copy).DescribeAsync(operation.Where, cancel);
                await connection.ExecuteAsync($"EXPLAIN DELETE FROM {copy.Sql} WHERE {Sql.Parenthesised(operation.Where)}", cancel);
            }, cancel))
        {
            return null;
        }

        if (where!.IsVolatile)
        {
            copy.Refuse("where", $"`{operation.Where}` gives another answer each time, so it could not be told which rows are left.", "Write a condition on the row.");
            return null;
        }

        string[] columns = [.. table.Columns.Except(table.GeneratedColumns)];
        Pruning pruning = new(table, Sql.Parenthesised(operation.Where), archive, columns) { Reads = where.Reads, MovesWithClock = where.MovesWithClock };
        return archive is null || await copy.TryAsync("archive", $"Make it with `CREATE TABLE {archive.Sql} (LIKE {table.Sql})`.", () => connection.ExecuteAsync($"EXPLAIN {pruning.Statement($"{copy.Sql} AS {Sql.Name(table.Name)}", "true")}", cancel), cancel)
            ? pruning
            : null;
    }
}

/// <param name="columns">What the archive gets.</param>
internal sealed class Pruning(Table table, string condition, Table? archive, IReadOnlyList<string> columns)
{
    public string Condition => condition;

    /// <summary>Rows come to satisfy the condition as time goes by.</summary>
    public required bool MovesWithClock { get; init; }

    /// <summary>Other relations that it reads.</summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>A column that came after the plan would be lost with its values.</summary>
    public Obstacle MoreColumns(string kept) => new(
        $"SELECT {HasMoreColumns}",
        $"{table.Name} has a column by now that it had not when the plan was made, and {kept} would not get its values: `segue rollback`, add the column to {kept} as well");

    /// <summary>From the moment there is such a column no batch takes a row.</summary>
    /// <param name="of">The relation with its alias.</param>
    public string Statement(string of, string where)
    {
        string delete = $"DELETE FROM {of}\nWHERE {where}";
        string kept = string.Join(", ", columns.Select(column => $"{Sql.Name(table.Name)}.{Sql.Name(column)}"));
        return archive is null
            ? delete
            : $"WITH gone AS (\n{delete}\n  AND NOT {HasMoreColumns}\nRETURNING {kept})\nINSERT INTO {archive.Sql} ({Sql.Names(columns)}) OVERRIDING SYSTEM VALUE SELECT {Sql.Names(columns)} FROM gone";
    }

    private string HasMoreColumns =>
        $"EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass({Sql.Literal(table.Sql)}) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname NOT IN ({string.Join(", ", columns.Select(Sql.Literal))}))";
}
