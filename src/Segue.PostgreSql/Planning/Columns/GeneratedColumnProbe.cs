using Npgsql;
using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Asks the server about a new column whose values it generates itself.</summary>
internal sealed class GeneratedColumnProbe(NpgsqlConnection connection, TableCopy copy, ObjectNames names)
{
    private string Copy => copy.Sql;

    /// <summary>Null if the column is impossible; the copy then reports why.</summary>
    public async Task<NewColumn?> ResolveAsync(
        AddColumn change,
        ColumnType type,
        string collate,
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
}
