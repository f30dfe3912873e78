using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// Assigning twice must change nothing more: otherwise no row would ever be done. Tested on real rows: from the first
/// blocks of the tables, and from some all over them.
/// </summary>
/// <param name="added">Columns that the same change adds; no row has them yet.</param>
internal sealed class Idempotence(
    NpgsqlConnection connection,
    Table table,
    Assignments assignments,
    IReadOnlyList<NewColumn> added
)
{
    private const int Blocks = 2_000;
    private const int Rows = 1_000;
    private const int FewRows = 5;
    private const int Tables = 8;

    private string Alias => Sql.Name(table.Name);

    /// <summary>Null if the test passed, or there are no rows to test.</summary>
    public async Task<Problem?> ObjectionAsync(string where, CancellationToken cancel)
    {
        // Wide rows, or a lookup without an index, take long: a few rows are better than none.
        (Problem? objection, bool isLate) = await AskAsync(where, Rows, "5s", cancel);
        return isLate ? (await AskAsync(where, FewRows, "20s", cancel)).Objection : objection;
    }

    private async Task<(Problem? Objection, bool IsLate)> AskAsync(
        string where,
        int rows,
        string limit,
        CancellationToken cancel
    )
    {
        TableCopy asking = new(connection, table) { Where = where };
        (long again, long asked, long unlike, long all) = (0, 0, 0, 0);
        bool isLate = false;
        bool answered = await asking.TryAsync(
            "",
            "",
            async () =>
            {
                await connection.SetLocalAsync(cancel, ("statement_timeout", limit));
                try
                {
                    (again, asked, unlike, all) = (
                        await connection.QueryAsync(
                            $"""
                            WITH looked_at AS MATERIALIZED
                                ({string.Join(" UNION ALL ", Sampled.Select(relation => Sample(relation, rows)))}),
                            before AS (SELECT *, {assignments.Needs} AS segue_needs FROM looked_at AS {Alias}),
                            after AS (SELECT segue_needs, {assignments.Row} FROM before AS {Alias})
                            SELECT count(*) FILTER (WHERE {assignments.Needs}), count(*) FILTER (WHERE segue_needs),
                                count(*) FILTER (WHERE {assignments.WouldChange}), count(*) FROM after AS {Alias}
                            """,
                            row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
                            cancel
                        )
                    )[0];
                }
                catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.QueryCanceled)
                {
                    isLate = true;
                    throw;
                }
            },
            cancel
        );
        Problem? objection =
            answered ? Objection(where, (again, asked, unlike, all))
            : isLate
                ? new Problem(
                    where,
                    "Segue could not test whether a second run would change a row again: the expressions "
                        + $"take longer than {limit} even for {rows} rows.",
                    "Make them faster, e.g. by an index for their lookups."
                )
            : new Problem(
                where,
                "Segue could not test on rows of the table whether a second run would change a row "
                    + $"again: {asking.Problems[^1].What}",
                "Write expressions that work for every row."
            );
        return (objection, isLate);
    }

    private Problem? Objection(string where, (long Again, long Asked, long Unlike, long All) rows)
    {
        const string Remedy =
            "Write expressions that give the same value again, or a `where` that excludes rows once they are written.";
        return rows switch
        {
            (> 0, > 0, _, _) => new Problem(
                where,
                "a second run would change rows of the sample again, so a fill that is interrupted, or "
                    + "makes a second pass, would change them twice.",
                Remedy
            ),
            (_, 0, > 0, _) when rows.Again > 0 || !assignments.EndsItself => new Problem(
                where,
                $"the expressions change a row again after it was written, and none of the {rows.All:N0} "
                    + "sampled rows shows that `where` prevents it.",
                Remedy
            ),
            _ => null,
        };
    }

    private IEnumerable<string> Sampled =>
        table.IsPartitioned
            ? table
                .Partitions.Where(partition => partition is { Kind: 'r', Size.Bytes: > 0 })
                .Take(Tables)
                .Select(partition => partition.Sql)
                .DefaultIfEmpty(table.Sql)
            : [table.Sql];

    private string Sample(string relation, int rows)
    {
        string columns = string.Join(
            ", ",
            table.Columns.Select(Sql.Name).Concat(added.Select(column => $"NULL::{column.Type} AS {column.Sql}"))
        );
        double percent = Math.Min(100, 100.0 * Blocks / Math.Max(1, table.TotalSize.Pages));
        return $"(SELECT {columns} FROM {relation} AS {Alias} WHERE ctid < '({Blocks},0)' AND {Needed} LIMIT "
            + $"{rows}) UNION ALL (SELECT {columns} FROM {relation} AS {Alias} LIMIT {rows})"
            + $" UNION ALL (SELECT {columns} FROM {relation} AS {Alias} TABLESAMPLE SYSTEM "
            + $"({percent.ToString("0.######", System.Globalization.CultureInfo.InvariantCulture)}) WHERE "
            + $"{Needed} LIMIT {rows})";
    }

    /// <summary>Columns that do not exist yet cannot be tested.</summary>
    private string Needed => added.Count == 0 ? assignments.Needs : "true";
}
