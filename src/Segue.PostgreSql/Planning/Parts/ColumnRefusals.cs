using Segue.Changes;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Columns that a table cannot get safely.</summary>
internal static class ColumnRefusals
{
    /// <summary>Documentation, "PostgreSQL Limits".</summary>
    public const int MostColumns = 1600;

    /// <summary>Reasons not to write the table's rows.</summary>
    public static IEnumerable<Problem> OfFilling(Table table, NewColumn column, string where)
    {
        if (table.RowSecurityApplies)
        {
            yield return new Problem(
                where,
                $"row security applies to our role on {table.Schema}.{table.Name}: rows that it hides "
                    + "would stay unfilled.",
                Refusals.BypassRowSecurity
            );
        }

        if (table.UpdatesWouldFail)
        {
            yield return new Problem(
                where,
                $"{table.Schema}.{table.Name} is published with updates but has no replica identity: every "
                    + "UPDATE of it fails.",
                "Give it a primary key, or `ALTER TABLE ... REPLICA IDENTITY FULL`."
            );
        }

        if (Refusals.OfRules(table, "UPDATE", table.UpdateRules, where) is { } refusal)
        {
            yield return refusal;
        }

        if (column.Fill!.Sources.FirstOrDefault(table.GeneratedColumns.Contains) is { } generated)
        {
            yield return new Problem(
                where,
                $"the expression reads {generated}, a generated column, whose new value no trigger can see.",
                $"Write out the expression that {generated} is generated from."
            );
        }

        if (!table.RunsLast("~segue"))
        {
            yield return new Problem(
                where,
                $"{table.Schema}.{table.Name} has BEFORE triggers whose names sort after any name Segue "
                    + "can use; they would change rows after the new column was computed.",
                "Rename them to begin with a plain letter."
            );
        }
    }

    /// <summary>Null while the table has room for <paramref name="more"/> columns.</summary>
    public static Problem? OfColumnCount(Table table, int more, string where) =>
        table.Attributes + more > MostColumns
            ? new Problem(
                where,
                $"{table.Schema}.{table.Name} has {table.Attributes:N0} columns, of {MostColumns:N0} at "
                    + "most; dropped columns count.",
                "Split the table; or, if many columns were dropped, copy it into a new one."
            )
            : null;

    /// <summary>Alterations that would rewrite the table under its strong lock.</summary>
    public static Problem? OfRewrite(NewColumn column, string where) =>
        column switch
        {
            { Change.Generated: { Stored: true } } => new Problem(
                where,
                "a stored generated column rewrites the whole table while nobody can read it.",
                "Use `derive:`, which keeps the column in sync by a trigger and fills it in batches; "
                    + "or, on PostgreSQL 18, a generated column that is not stored."
            ),
            { TypeRewrites: true } => new Problem(
                where,
                $"{column.Type} is a domain with constraints: adding a column of it rewrites the whole "
                    + "table while nobody can read it.",
                "Use the domain's base type and give its constraint as `check:`."
            ),
            _ => null,
        };

    /// <summary>One value in every row cannot be unique.</summary>
    public static Problem? OfUnique(NewColumn column, Table table, string where) =>
        column.Change.Unique
        && column.Fill is null
        && (column.BackfillIsConstant || column.Change.Default is not null)
        && table.TotalSize.Bytes > 0
            ? new Problem(
                where,
                "the column is unique, and every existing row would get the same value.",
                "Give a backfill that differs from row to row, or leave `unique` out."
            )
            : null;

    /// <summary>
    /// If a foreign key wrote into the column, its derivation would overwrite that at once, and the server would not
    /// check it again.
    /// </summary>
    public static Problem? OfDerivedKey(NewColumn column, string where) =>
        column.IsDerived
        && column.Change.References is { } reference
        && (
            reference.OnDelete is ReferentialAction.SetNull or ReferentialAction.SetDefault
            || reference.OnUpdate
                is ReferentialAction.Cascade
                    or ReferentialAction.SetNull
                    or ReferentialAction.SetDefault
        )
            ? new Problem(
                where,
                "the column is derived, so the trigger would overwrite at once what the foreign key's "
                    + "ON DELETE or ON UPDATE writes into it, and the server would not notice.",
                "Leave that action out until the change is completed; then `drop_constraint` and "
                    + "`add_foreign_key` with it."
            )
            : null;

    /// <summary>A unique column of a partitioned table must be its partition key, and a new column never is.</summary>
    public static Problem? OfPartitioned(NewColumn column, Table table, ServerFacts server, string where) =>
        (column.Change, table.IsPartitioned) switch
        {
            ({ Unique: true }, true) => new Problem(
                where,
                $"{table.Name} is partitioned: a unique constraint must contain the partition key.",
                "Leave `unique` out, and create a unique index on each partition if that is enough."
            ),
            ({ Identity: not null }, true) when server.Major < 17 => new Problem(
                where,
                "partitioned tables support identity columns only from PostgreSQL 17 on.",
                "Use `default:` with nextval of a sequence of your own."
            ),
            _ => null,
        };
}
