using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>Asks the server about the assignments of a <see cref="BackfillRows"/>, on a copy of the table.</summary>
internal sealed class AssignmentProbe(NpgsqlConnection connection, Table table, TableCopy copy, BackfillRows operation)
{
    /// <summary>Null if they are impossible; the copy then reports why.</summary>
    public async Task<Assignments?> AskAsync(CancellationToken cancel)
    {
        int before = copy.Problems.Count;
        IReadOnlyList<(string Name, string Type, bool IsNotNull)> columns = await connection.AsideAsync(
            () =>
                connection.QueryAsync(
                    TypesQuery,
                    row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)),
                    cancel,
                    copy.Sql
                ),
            cancel
        );
        IReadOnlyDictionary<string, string> types = columns.ToDictionary(each => each.Name, each => each.Type);
        foreach (string unknown in operation.Set.Keys.Except(types.Keys))
        {
            copy.Refuse(
                "set",
                $"{table.Schema}.{table.Name} has no column {unknown}.",
                MeantNames.OfColumn(unknown, types.Keys)
            );
        }

        List<Fill> fills = [];
        foreach ((string column, string expression) in operation.Set.Where(each => types.ContainsKey(each.Key)))
        {
            fills.AddRange(
                await DescribeAsync($"set: {column}", expression, cancel) is { } fill ? [fill] : Array.Empty<Fill>()
            );
        }

        Fill? where = operation.Where is null ? null : await DescribeAsync("where", operation.Where, cancel);
        bool isVolatile = fills.Any(fill => fill.IsVolatile || fill.MovesWithClock);
        RefuseVolatile(where, isVolatile);
        Assignments assignments = Assigned(columns, fills, where, isVolatile);
        return
            copy.Problems.Count != before
            || !await copy.TryAsync(
                "set",
                "Assign values of the columns' types, under a boolean condition.",
                () =>
                    connection.ExecuteAsync(
                        $"EXPLAIN UPDATE {copy.Sql} SET {assignments.Clause} WHERE {assignments.Needs}",
                        cancel
                    ),
                cancel
            )
            ? null
            : assignments with
            {
                IsBestComputedOnce =
                    assignments.IsBestComputedOnce && await IsTakenFromSubqueryAsync(assignments, cancel),
            };
    }

    private void RefuseVolatile(Fill? where, bool isVolatile)
    {
        if (where is { IsVolatile: true })
        {
            copy.Refuse(
                "where",
                $"`{operation.Where}` gives another result each time, so Segue could not determine which rows remain.",
                "Write a condition on the row."
            );
        }

        if (isVolatile && operation.Where is null)
        {
            copy.Refuse(
                "set",
                "an expression gives another value each time, so a row would remain to be changed as "
                    + "soon as it is written.",
                "Select the rows with `where:`, by a condition that no longer holds for a row once it is written."
            );
        }
    }

    private Assignments Assigned(
        IReadOnlyList<(string Name, string Type, bool IsNotNull)> columns,
        IReadOnlyList<Fill> fills,
        Fill? where,
        bool isVolatile
    )
    {
        Fill[] all = [.. fills.Append(where).OfType<Fill>()];
        return new Assignments(
            operation.Set,
            columns.ToDictionary(each => each.Name, each => each.Type),
            operation.Where
        )
        {
            IsVolatile = isVolatile,
            IsBestComputedOnce = !isVolatile && fills.Any(fill => fill.ReadsToast),
            EndsItself = where is not null && where.Sources.Intersect(operation.Set.Keys).Any(),
            ReadsItself =
                !isVolatile
                && (
                    all.Any(fill => fill.Reads.Count > 0)
                    || fills.Any(fill => fill.Sources.Intersect(operation.Set.Keys).Any())
                ),
            Sources = [.. all.SelectMany(fill => fill.Sources).Distinct()],
            NeverNull =
            [
                .. columns
                    .Where(each => each.IsNotNull && operation.Set.ContainsKey(each.Name))
                    .Select(each => each.Name),
            ],
            Reads = [.. all.SelectMany(fill => fill.Reads).Distinct()],
        };
    }

    /// <summary>
    /// In a subquery a literal is text: it does not get the type of the column that it is assigned to.
    /// </summary>
    private Task<bool> IsTakenFromSubqueryAsync(Assignments assignments, CancellationToken cancel)
    {
        string alias = Sql.Name(table.Name);
        return copy.SucceedsAsync(
            () =>
                connection.ExecuteAsync(
                    "EXPLAIN "
                        + $"{assignments.Once(alias).Update($"{copy.Sql} AS {alias}", assignments.Once(alias).Needs)}",
                    cancel
                ),
            cancel
        );
    }

    private async Task<Fill?> DescribeAsync(string key, string expression, CancellationToken cancel)
    {
        Fill? fill = null;
        if (copy.IsExpression(key, expression))
        {
            await copy.TryAsync(
                key,
                $"The expression may use the columns of {table.Sql}.",
                async () => fill = await new ExpressionProbe(connection, table, copy).DescribeAsync(expression, cancel),
                cancel
            );
        }

        return fill;
    }

    private static readonly string TypesQuery =
        $"SELECT a.attname::text, {Printing.Of("format_type(a.atttypid, a.atttypmod)")}, a.attnotnull FROM "
        + "pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY "
        + "a.attnum";
}

/// <param name="Types">Of all the table's columns, in their order.</param>
internal sealed record Assignments(
    IReadOnlyDictionary<string, string> Set,
    IReadOnlyDictionary<string, string> Types,
    string? Where
)
{
    /// <summary>Two evaluations may return different values.</summary>
    public bool IsVolatile { get; init; }

    /// <summary>
    /// Assigned values are computed from columns whose values the server may keep outside the row, and can be moved
    /// into a subquery.
    /// </summary>
    public bool IsBestComputedOnce { get; init; }

    /// <summary>The condition reads assigned columns, so it may no longer hold for a row once it is written.</summary>
    public bool EndsItself { get; init; }

    /// <summary>
    /// Assigned values may depend on the old ones: otherwise assigning twice is the same as once. A volatile expression
    /// is evaluated no more often than necessary.
    /// </summary>
    public bool ReadsItself { get; init; }

    /// <summary>The table's columns that expressions and condition read.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Assigned columns that reject NULL.</summary>
    public required IReadOnlyList<string> NeverNull { get; init; }

    /// <summary>Other relations that the expressions read.</summary>
    public required IReadOnlyList<string> Reads { get; init; }

    /// <summary>What follows SET.</summary>
    public string Clause =>
        string.Join(", ", Set.Select(each => $"{Sql.Name(each.Key)} = {Sql.Parenthesised(each.Value)}"));

    /// <summary>
    /// A condition: the row is to be written. A row that already has its new values is not written again.
    /// </summary>
    public string Needs =>
        (Where, IsVolatile) switch
        {
            ({ } condition, true) => Sql.Parenthesised(condition),
            ({ } condition, false) => $"({Sql.Parenthesised(condition)} AND {WouldChange})",
            _ => WouldChange,
        };

    /// <summary>The UPDATE that computes the assigned values once.</summary>
    /// <param name="alias">The table's.</param>
    public ComputedOnce Once(string alias) =>
        new(alias)
        {
            Values = [.. Set.Values],
            Needs = Where is null ? "true" : Sql.Parenthesised(Where),
            Assignments = values =>
                string.Join(", ", Set.Keys.Zip(values, (column, value) => $"{Sql.Name(column)} = {value}")),
            Writes = values =>
                Conditions.AreDifferent(
                    string.Join(", ", Set.Keys.Select(column => $"{alias}.{Sql.Name(column)}")),
                    string.Join(", ", Set.Keys.Zip(values, (column, value) => $"{value}::{Types[column]}"))
                ),
        };

    /// <summary>A condition: after it was written, the row would be written again.</summary>
    /// <param name="alias">The table's, also used for the written row.</param>
    /// <param name="mends">Only the condition counts, not whether anything would change.</param>
    public string IsLeftOnceWritten(string alias, bool mends) =>
        $"{Needs} AND EXISTS (SELECT FROM (SELECT {Row}) AS {alias} WHERE "
        + $"{(mends ? Sql.Parenthesised(Where!) : Needs)})";

    /// <summary>A condition: the row would be written, with NULL in the column.</summary>
    public string LeavesEmpty(string column) => $"{Needs} AND {Sql.Parenthesised(Set[column])} IS NULL";

    /// <summary>The row after the assignments, as the list of a SELECT.</summary>
    public string Row =>
        string.Join(
            ", ",
            Types.Select(column =>
                Set.TryGetValue(column.Key, out string? expression)
                    ? $"{Sql.Parenthesised(expression)}::{column.Value} AS {Sql.Name(column.Key)}"
                    : Sql.Name(column.Key)
            )
        );

    /// <summary>A condition: the assignments change the row. Always true for volatile expressions.</summary>
    public string WouldChange =>
        Conditions.AreDifferent(
            string.Join(", ", Set.Keys.Select(Sql.Name)),
            string.Join(", ", Set.Select(each => $"{Sql.Parenthesised(each.Value)}::{Types[each.Key]}"))
        );
}
