using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Adds a new column to the copy and tries its fill, CHECK, index and identity there.</summary>
/// <param name="sharesUpdate">One UPDATE fills several columns of the table.</param>
internal sealed class AttributeProbe(NpgsqlConnection connection, Table table, TableCopy copy, bool sharesUpdate)
{
    private string Copy => copy.Sql;

    public Task<(PlannedCheck? Check, IndexDefinition? Index)> TryAsync(
        AddColumn change,
        string definition,
        Fill? fill,
        CancellationToken cancel
    ) =>
        connection.AsideAsync(
            async () =>
            {
                await connection.ExecuteAsync($"ALTER TABLE {Copy} ADD COLUMN {definition}", cancel);
                await TryFillAsync(change, fill, cancel);
                PlannedCheck? check = await CheckAsync(change, cancel);
                IndexDefinition? index = await IndexAsync(change, cancel);
                await TryIdentityAsync(change, cancel);
                return (check, index);
            },
            cancel
        );

    private async Task TryFillAsync(AddColumn change, Fill? fill, CancellationToken cancel)
    {
        if (fill is not null)
        {
            string column = Sql.Name(change.Name);
            string? guard = sharesUpdate ? $"{column} IS NULL" : null;
            string assignment = FillStatements.Assignment(column, fill.Expression, guard);
            await copy.TryAsync(
                "backfill",
                "Cast the expression to the column's type.",
                async () => await connection.ExecuteAsync($"EXPLAIN UPDATE {Copy} SET {assignment}", cancel),
                cancel
            );
        }
    }

    private async Task<PlannedCheck?> CheckAsync(AddColumn change, CancellationToken cancel)
    {
        PlannedCheck? check = null;
        if (change.Check is not null)
        {
            await copy.TryAsync(
                "check",
                "Write a boolean expression over the table's columns.",
                async () => check = await PlannedCheck.ProbeAsync(connection, Copy, change.Name, change.Check, cancel),
                cancel
            );
        }

        return check;
    }

    private async Task<IndexDefinition?> IndexAsync(AddColumn change, CancellationToken cancel)
    {
        IndexDefinition? index = null;
        if (change.Index || change.Unique)
        {
            await copy.TryAsync(
                change.Index ? "index" : "unique",
                "This type has no ordering; leave the index out, or use another type.",
                async () =>
                    index = await PlannedIndex.ProbeAsync(
                        connection,
                        $"CREATE INDEX {PlannedIndex.ProbeName} ON {Copy} ({Sql.Name(change.Name)})",
                        cancel
                    ),
                cancel
            );
        }

        return index;
    }

    private async Task TryIdentityAsync(AddColumn change, CancellationToken cancel)
    {
        if (change.Identity is null)
        {
            return;
        }

        string alter = $"ALTER TABLE {Copy} ALTER COLUMN {Sql.Name(change.Name)}";
        await copy.TryAsync(
            "identity",
            "Identity columns are smallint, integer or bigint.",
            async () =>
            {
                await connection.ExecuteAsync($"{alter} SET NOT NULL", cancel);
                await connection.ExecuteAsync($"{alter} ADD {SequenceText.Identity(change.Identity)}", cancel);
                if (
                    await connection.ScalarAsync<double>(NumbersQuery, cancel, Copy, change.Name)
                    < Math.Max(table.TotalSize.Rows * 1.1, table.TotalSize.Rows + 1000)
                )
                {
                    throw new ProbeException(
                        "the type has too few numbers for the existing rows (about "
                            + $"{table.TotalSize.Rows:N0}) and new ones.",
                        "Use a larger integer type or `max_value`."
                    );
                }
            },
            cancel
        );
    }

    private const string NumbersQuery = """
        SELECT CASE WHEN s.seqcycle THEN 'infinity'
            ELSE ((CASE WHEN s.seqincrement > 0 THEN s.seqmax::numeric
            ELSE s.seqmin END - s.seqstart) / s.seqincrement)::float8 END
        FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence($1, $2)::regclass
        """;
}
