using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Asks the server how an expression fills a column.</summary>
/// <param name="sharesUpdate">One UPDATE fills several columns of the table.</param>
internal sealed class FillProbe(NpgsqlConnection connection, Table table, TableCopy copy, bool sharesUpdate)
{
    private string Copy => copy.Sql;

    /// <summary>How the expression fills an existing column; null, with a problem, if it cannot.</summary>
    /// <param name="definition">A column of its type, under a name that the copy does not have.</param>
    public async Task<Fill?> OfExistingAsync(AlterColumn change, string definition, CancellationToken cancel)
    {
        copy.Where = change.Title;
        Fill? fill = null;
        if (copy.IsExpression("backfill", change.Backfill!))
        {
            await copy.TryAsync(
                "backfill",
                $"The expression may use the columns of {table.Sql}, and must fit the column's type.",
                async () =>
                {
                    fill = await DescribeAsync(change.Backfill!, definition, cancel);
                    string? guard = sharesUpdate ? "true" : null;
                    string assignment = FillStatements.Assignment(Sql.Name(change.Name), fill.Expression, guard);
                    await connection.ExecuteAsync($"EXPLAIN UPDATE {Copy} SET {assignment}", cancel);
                },
                cancel
            );
        }

        return fill;
    }

    /// <summary>How the expression fills a new column; null, with a problem, if it cannot.</summary>
    public async Task<Fill?> OfNewAsync(FillSource source, string definition, CancellationToken cancel)
    {
        Fill? fill = null;
        await copy.TryAsync(
            source.Key,
            $"The expression may use the columns of {table.Sql}; a column added by the same change does not exist yet.",
            async () =>
            {
                fill = await DescribeAsync(source.Expression, definition, cancel);
            },
            cancel
        );
        if (fill is { IsVolatile: true } && source.IsDerived)
        {
            copy.Refuse(
                source.Key,
                $"`{source.Expression}` gives another value each time, so the column could not be kept in sync "
                    + "with it.",
                "Use `backfill:` for an initial value."
            );
        }

        return fill;
    }

    private async Task<Fill> DescribeAsync(string expression, string definition, CancellationToken cancel)
    {
        Fill fill = await new ExpressionProbe(connection, table, copy).DescribeAsync(expression, cancel);
        return fill with
        {
            IsImmutable =
                !fill.IsVolatile
                && await copy.SucceedsAsync(
                    () =>
                        connection.ExecuteAsync(
                            $"ALTER TABLE {Copy} ADD COLUMN {definition} GENERATED ALWAYS AS "
                                + $"{Sql.Parenthesised(expression)} STORED",
                            cancel
                        ),
                    cancel
                ),
        };
    }
}
