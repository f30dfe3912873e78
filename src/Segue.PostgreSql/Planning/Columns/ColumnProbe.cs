using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Asks the server about a new column on an empty temporary copy of the table, in a transaction that is rolled back.
/// The copy has the table's own name, so expressions resolve as they will on the table itself.
/// </summary>
internal sealed class ColumnProbe(NpgsqlConnection connection, Table table, TableCopy copy, bool sharesUpdate)
{
    private string Copy => copy.Sql;

    /// <summary>Null if the column is impossible; the copy then reports why.</summary>
    public async Task<NewColumn?> ResolveAsync(AddColumn change, ObjectNames names, CancellationToken cancel)
    {
        copy.Where = change.Title;
        int before = copy.Problems.Count;
        CheckTexts(change);
        change = change.Identity is null ? change : change with { Nullable = false };
        if (table.Columns.Contains(change.Name))
        {
            copy.Refuse(
                "name",
                $"{table.Schema}.{table.Name} already has a column {change.Name}.",
                "Choose another name, or drop that column first."
            );
        }

        if (copy.Problems.Count > before)
        {
            return null;
        }

        string collate = change.Collation is null ? "" : $" COLLATE {TypeNames.Collation(change.Collation)}";
        if (await TryTypeAsync(change, collate, cancel) is not { } type)
        {
            return null;
        }

        if (change.Generated is not null)
        {
            return await GeneratedAsync(change, type, collate, names, cancel);
        }

        string definition = $"{Sql.Name(change.Name)} {type.Name}{collate}";
        bool defaultIsMetadata =
            change.Default is null
            || await IsMetadataDefaultAsync(definition, change.Default, "default", cancel) is not false;
        bool backfillIsConstant =
            change.Backfill is not null && !type.Rewrites && await IsConstantAsync(definition, change.Backfill, cancel);
        if (backfillIsConstant && change is { Default: null, Identity: null } && !type.HasDefault)
        {
            string? value = await new ConstantProbe(connection, table, copy, definition).FixedAsync(
                change,
                type.Name,
                cancel
            );
            (change, backfillIsConstant) = (change with { Backfill = value ?? change.Backfill }, value is not null);
        }

        if (!change.Nullable)
        {
            await RefuseNullAsync("default", defaultIsMetadata ? change.Default : null, cancel);
            await RefuseNullAsync("backfill", backfillIsConstant ? change.Backfill : null, cancel);
        }

        Fill? fill = await FillOfAsync(change, definition, defaultIsMetadata, backfillIsConstant, cancel);
        (PlannedCheck? check, IndexDefinition? index) = await CheckColumnAsync(change, definition, fill, cancel);
        return copy.Problems.Count > before
            ? null
            : new NewColumn
            {
                Change = change,
                Type = type.Name,
                Collate = collate,
                TypeRewrites = type.Rewrites,
                IsComposite = type.IsComposite,
                TypeHasDefault = type.HasDefault,
                DefaultIsMetadata = defaultIsMetadata,
                BackfillIsConstant = backfillIsConstant,
                Fill = fill,
                Check = check,
                Index = index,
                Names = names.For(change),
            };
    }

    private void CheckTexts(AddColumn change)
    {
        Check("type", change.Type);
        Check("default", change.Default);
        Check("backfill", change.Backfill);
        Check("derive", change.Derive);
        Check("check", change.Check);
        Check("generated", change.Generated?.Expression);

        void Check(string key, string? text)
        {
            _ = text is null || copy.IsExpression(key, text);
        }
    }

    private async Task<ColumnType?> TryTypeAsync(AddColumn change, string collate, CancellationToken cancel)
    {
        ColumnType? found = null;
        await copy.TryAsync(
            "type",
            $"Use a type that {table.Sql}'s database has.",
            async () =>
            {
                // The text of a type must contain only a type: the parser reads it alone first.
                if (await TypeNames.FindAsync(connection, change.Type, cancel) is null)
                {
                    string serial = change.Type.Contains("serial", StringComparison.OrdinalIgnoreCase)
                        ? " (serial is not a type: use `identity:` with an integer type)"
                        : "";
                    throw new ProbeException($"type \"{change.Type}\" does not exist{serial}.");
                }

                uint before = await copy.FileNodeAsync(cancel);
                await connection.ExecuteAsync(
                    $"ALTER TABLE {Copy} ADD COLUMN {Sql.Name(change.Name)} {change.Type}{collate}",
                    cancel
                );
                bool rewrites = await copy.FileNodeAsync(cancel) != before;
                found = (
                    await connection.QueryAsync(
                        TypeQuery,
                        row => new ColumnType(row.GetString(0), rewrites, row.GetBoolean(1), row.GetBoolean(2)),
                        cancel,
                        Copy,
                        change.Name
                    )
                )[0];
            },
            cancel
        );
        return found;
    }

    private async Task<NewColumn?> GeneratedAsync(
        AddColumn change,
        ColumnType type,
        string collate,
        ObjectNames names,
        CancellationToken cancel
    )
    {
        GeneratedColumn generated = change.Generated!;
        string kind = generated.Stored ? "STORED" : "VIRTUAL";
        string definition =
            $"{Sql.Name(change.Name)} {type.Name}{collate} GENERATED ALWAYS AS "
            + $"{Sql.Parenthesised(generated.Expression)} {kind}";
        bool rewrites = false;
        PlannedCheck? check = null;
        IndexDefinition? index = null;
        bool valid = await copy.TryAsync(
            "generated",
            "Virtual generated columns need PostgreSQL 18; `derive:` keeps a column in sync on every version.",
            async () =>
            {
                uint before = await copy.FileNodeAsync(cancel);
                await connection.ExecuteAsync($"ALTER TABLE {Copy} ADD COLUMN {definition}", cancel);
                rewrites = await copy.FileNodeAsync(cancel) != before;
                if (change.Check is not null)
                {
                    check = await PlannedCheck.ProbeAsync(connection, Copy, change.Name, change.Check, cancel);
                }

                if (change.Index || change.Unique)
                {
                    index = await PlannedIndex.ProbeAsync(
                        connection,
                        $"CREATE INDEX {PlannedIndex.ProbeName} ON {Copy} ({Sql.Name(change.Name)})",
                        cancel
                    );
                }
            },
            cancel
        );
        return !valid
            ? null
            : new NewColumn
            {
                Change = change,
                Type = type.Name,
                Collate = collate,
                TypeRewrites = rewrites,
                IsComposite = type.IsComposite,
                TypeHasDefault = false,
                DefaultIsMetadata = true,
                BackfillIsConstant = false,
                Fill = null,
                Check = check,
                Index = index,
                Names = names.For(change),
            };
    }

    /// <summary>Null if the server rejects the default.</summary>
    private async Task<bool?> IsMetadataDefaultAsync(
        string definition,
        string expression,
        string key,
        CancellationToken cancel
    )
    {
        bool? metadata = null;
        await copy.TryAsync(
            key,
            "A default is an expression without columns, e.g. 'USD' in quotes, 0 or now().",
            async () => metadata = await AddsAsMetadataAsync(definition, expression, cancel),
            cancel
        );
        return metadata;
    }

    private async Task<bool> IsConstantAsync(string definition, string expression, CancellationToken cancel)
    {
        bool isMetadata = false;
        await copy.SucceedsAsync(
            async () => isMetadata = await AddsAsMetadataAsync(definition, expression, cancel),
            cancel
        );
        return isMetadata;
    }

    private async Task<bool> AddsAsMetadataAsync(string definition, string expression, CancellationToken cancel)
    {
        uint before = await copy.FileNodeAsync(cancel);
        await connection.ExecuteAsync(
            $"ALTER TABLE {Copy} ADD COLUMN {definition} DEFAULT {Sql.Parenthesised(expression)}",
            cancel
        );
        return await copy.FileNodeAsync(cancel) == before;
    }

    private Task RefuseNullAsync(string key, string? expression, CancellationToken cancel) =>
        expression is null
            ? Task.CompletedTask
            : copy.TryAsync(
                key,
                "Give another value, or allow NULL.",
                async () =>
                {
                    if (await connection.ScalarAsync<bool>($"SELECT {Sql.Parenthesised(expression)} IS NULL", cancel))
                    {
                        throw new ProbeException("it is NULL, and the column is NOT NULL.");
                    }
                },
                cancel
            );

    /// <summary>How the expression fills an existing column; null, with a problem, if it cannot.</summary>
    /// <param name="definition">A column of its type, under a name that the copy does not have.</param>
    public async Task<Fill?> FillOfExistingAsync(AlterColumn change, string definition, CancellationToken cancel)
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

    private async Task<Fill?> FillOfAsync(
        AddColumn change,
        string definition,
        bool defaultIsMetadata,
        bool backfillIsConstant,
        CancellationToken cancel
    )
    {
        (string key, string? expression) = change switch
        {
            { Derive: { } derive } => ("derive", derive),
            { Backfill: { } backfill } when !backfillIsConstant => ("backfill", backfill),
            { Backfill: null, Default: { } volatileDefault } when !defaultIsMetadata => ("default", volatileDefault),
            _ => ("", null),
        };
        if (expression is null)
        {
            return null;
        }

        Fill? fill = null;
        await copy.TryAsync(
            key,
            $"The expression may use the columns of {table.Sql}; a column added by the same change does not exist yet.",
            async () =>
            {
                fill = await DescribeAsync(expression, definition, cancel);
            },
            cancel
        );
        if (fill is { IsVolatile: true } && change.Derive is not null)
        {
            copy.Refuse(
                "derive",
                $"`{expression}` gives another value each time, so the column could not be kept in sync with it.",
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

    private Task<(PlannedCheck? Check, IndexDefinition? Index)> CheckColumnAsync(
        AddColumn change,
        string definition,
        Fill? fill,
        CancellationToken cancel
    ) => connection.AsideAsync(() => AddColumnAsync(change, definition, fill, cancel), cancel);

    private async Task<(PlannedCheck? Check, IndexDefinition? Index)> AddColumnAsync(
        AddColumn change,
        string definition,
        Fill? fill,
        CancellationToken cancel
    )
    {
        await connection.ExecuteAsync($"ALTER TABLE {Copy} ADD COLUMN {definition}", cancel);
        string column = Sql.Name(change.Name);
        if (fill is not null)
        {
            string? guard = sharesUpdate ? $"{column} IS NULL" : null;
            string assignment = FillStatements.Assignment(column, fill.Expression, guard);
            await copy.TryAsync(
                "backfill",
                "Cast the expression to the column's type.",
                async () => await connection.ExecuteAsync($"EXPLAIN UPDATE {Copy} SET {assignment}", cancel),
                cancel
            );
        }

        PlannedCheck? check = null;
        IndexDefinition? index = null;
        if (change.Check is not null)
        {
            await copy.TryAsync(
                "check",
                "Write a boolean expression over the table's columns.",
                async () => check = await PlannedCheck.ProbeAsync(connection, Copy, change.Name, change.Check, cancel),
                cancel
            );
        }

        if (change.Index || change.Unique)
        {
            await copy.TryAsync(
                change.Index ? "index" : "unique",
                "This type has no ordering; leave the index out, or use another type.",
                async () =>
                    index = await PlannedIndex.ProbeAsync(
                        connection,
                        $"CREATE INDEX {PlannedIndex.ProbeName} ON {Copy} ({column})",
                        cancel
                    ),
                cancel
            );
        }

        if (change.Identity is not null)
        {
            await copy.TryAsync(
                "identity",
                "Identity columns are smallint, integer or bigint.",
                async () =>
                {
                    await connection.ExecuteAsync($"ALTER TABLE {Copy} ALTER COLUMN {column} SET NOT NULL", cancel);
                    await connection.ExecuteAsync(
                        $"ALTER TABLE {Copy} ALTER COLUMN {column} ADD {SequenceText.Identity(change.Identity)}",
                        cancel
                    );
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

        return (check, index);
    }

    private static readonly string TypeQuery = $"""
        WITH RECURSIVE base AS (
          SELECT t.* FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = $1::regclass
              AND a.attname = $2
          UNION ALL SELECT t.* FROM base JOIN pg_type t ON t.oid = base.typbasetype)
        SELECT {Printing.Of("format_type(a.atttypid, a.atttypmod)")}, (SELECT bool_or(typtype = 'c') FROM base),
            EXISTS (SELECT FROM pg_type t WHERE t.oid = a.atttypid AND t.typdefault IS NOT NULL)
        FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attname = $2
        """;

    private const string NumbersQuery = """
        SELECT CASE WHEN s.seqcycle THEN 'infinity'
            ELSE ((CASE WHEN s.seqincrement > 0 THEN s.seqmax::numeric
            ELSE s.seqmin END - s.seqstart) / s.seqincrement)::float8 END
        FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence($1, $2)::regclass
        """;

    private sealed record ColumnType(string Name, bool Rewrites, bool IsComposite, bool HasDefault);
}
