using Segue.Changes;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>One column's clauses of <c>ALTER TABLE</c>.</summary>
internal sealed class AddColumnClauses(NewColumn column)
{
    private string Bare => $"{column.Sql} {column.Type}{column.Collate}";

    private AddColumn Change => column.Change;

    /// <summary>Every row has a value as soon as the column exists.</summary>
    public bool IsNotNullAtOnce =>
        !Change.Nullable && column.Fill is null && (Change.Default is not null || column.BackfillIsConstant);

    /// <summary>The form that reads and writes no row.</summary>
    public string MetadataOnly()
    {
        if (Change.Generated is { } generated)
        {
            return $"{Bare} GENERATED ALWAYS AS {Sql.Parenthesised(generated.Expression)} "
                + $"{(generated.Stored ? "STORED" : "VIRTUAL")}";
        }

        string? initial =
            column.BackfillIsConstant ? Change.Backfill
            : column.Fill is null ? Change.Default
            : column.TypeHasDefault ? "NULL"
            : null;
        return Bare
            + (initial is null ? "" : $" DEFAULT {Sql.Parenthesised(initial)}")
            + (IsNotNullAtOnce ? " NOT NULL" : "");
    }

    /// <summary>The form that rewrites, for a table that is small enough.</summary>
    public string InOneGo()
    {
        string value =
            Change.Identity is { } identity ? $" {SequenceText.Identity(identity)}"
            : Change.Default is { } expression ? $" DEFAULT {Sql.Parenthesised(expression)}"
            : "";
        return Bare + value + (Change is { Nullable: false, Identity: null, Default: not null } ? " NOT NULL" : "");
    }

    public string References(EnforceTarget target) =>
        $" CONSTRAINT {Sql.Name(column.Names.ForeignKey)} REFERENCES {target.ForeignKey!.References}";

    /// <summary>What follows the fill on a small table.</summary>
    public IEnumerable<string> SmallTable(Table table, EnforceTarget target, bool inOneGo)
    {
        string alter = $"ALTER TABLE {table.Sql}";
        if (
            !Change.Nullable
            && !IsNotNullAtOnce
            && !(inOneGo && (Change.Identity is not null || Change.Default is not null))
        )
        {
            yield return $"{alter} ALTER COLUMN {column.Sql} SET NOT NULL";
        }

        if (Change.Check is not null)
        {
            yield return $"{alter} ADD CONSTRAINT "
                + $"{Sql.Name(column.Names.Check)} CHECK "
                + $"{Sql.Parenthesised(Change.Check)}";
        }

        if (Change.Index)
        {
            yield return $"CREATE INDEX {Sql.Name(column.Names.Index)} ON {table.Sql} ({column.Sql})";
        }

        if (Change.Unique)
        {
            yield return $"{alter} ADD CONSTRAINT {Sql.Name(column.Names.Unique)} UNIQUE ({column.Sql})";
        }

        if (Change.References is not null)
        {
            yield return $"{alter} ADD CONSTRAINT {Sql.Name(column.Names.ForeignKey)} {target.ForeignKey!.Definition}";
        }
    }
}
