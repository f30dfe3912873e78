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
        CheckName(change);
        change = change.Identity is null ? change : change with { Nullable = false };
        string collate = change.Collation is null ? "" : $" COLLATE {TypeNames.Collation(change.Collation)}";
        if (copy.Problems.Count > before || await TryTypeAsync(change, collate, cancel) is not { } type)
        {
            return null;
        }

        if (change.Generated is not null)
        {
            GeneratedColumnProbe generated = new(connection, copy, names);
            return await generated.ResolveAsync(change, type, collate, cancel);
        }

        string definition = $"{Sql.Name(change.Name)} {type.Name}{collate}";
        bool defaultIsMetadata =
            change.Default is null || await IsMetadataDefaultAsync(definition, change.Default, cancel) is not false;
        (change, bool backfillIsConstant) = await ConstantBackfillAsync(change, type, definition, cancel);
        if (!change.Nullable)
        {
            await RefuseNullAsync("default", defaultIsMetadata ? change.Default : null, cancel);
            await RefuseNullAsync("backfill", backfillIsConstant ? change.Backfill : null, cancel);
        }

        FillProbe fills = new(connection, table, copy, sharesUpdate);
        Fill? fill = FillSource.Of(change, defaultIsMetadata, backfillIsConstant) is { } source
            ? await fills.OfNewAsync(source, definition, cancel)
            : null;
        AttributeProbe attributes = new(connection, table, copy, sharesUpdate);
        (PlannedCheck? check, IndexDefinition? index) = await attributes.TryAsync(change, definition, fill, cancel);
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

    private void CheckName(AddColumn change)
    {
        if (table.Columns.Contains(change.Name))
        {
            copy.Refuse(
                "name",
                $"{table.Schema}.{table.Name} already has a column {change.Name}.",
                "Choose another name, or drop that column first."
            );
        }
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

    /// <summary>Whether the backfill is one value for every row, which the column can be added with.</summary>
    private async Task<(AddColumn Change, bool IsConstant)> ConstantBackfillAsync(
        AddColumn change,
        ColumnType type,
        string definition,
        CancellationToken cancel
    )
    {
        bool isConstant =
            change.Backfill is not null && !type.Rewrites && await IsConstantAsync(definition, change.Backfill, cancel);
        if (!isConstant || change is not { Default: null, Identity: null } || type.HasDefault)
        {
            return (change, isConstant);
        }

        ConstantProbe probe = new(connection, table, copy, definition);
        string? value = await probe.FixedAsync(change, type.Name, cancel);
        return (change with { Backfill = value ?? change.Backfill }, value is not null);
    }

    /// <summary>Null if the server rejects the default.</summary>
    private async Task<bool?> IsMetadataDefaultAsync(string definition, string expression, CancellationToken cancel)
    {
        bool? metadata = null;
        await copy.TryAsync(
            "default",
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

    private static readonly string TypeQuery = $"""
        WITH RECURSIVE base AS (
          SELECT t.* FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = $1::regclass
              AND a.attname = $2
          UNION ALL SELECT t.* FROM base JOIN pg_type t ON t.oid = base.typbasetype)
        SELECT {Printing.Of("format_type(a.atttypid, a.atttypmod)")}, (SELECT bool_or(typtype = 'c') FROM base),
            EXISTS (SELECT FROM pg_type t WHERE t.oid = a.atttypid AND t.typdefault IS NOT NULL)
        FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attname = $2
        """;
}
