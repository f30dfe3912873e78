using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>The checks of every row in a verify step before anything is enforced.</summary>
internal sealed class Proofs(Table table)
{
    private string Alias => Sql.Name(table.Name);

    /// <param name="reads">Besides the table itself.</param>
    public VerifyStep Step(
        string id,
        string title,
        IReadOnlyList<VerifyCheck> checks,
        IEnumerable<RelationLock> reads
    ) =>
        new()
        {
            Id = new Steps(table).IdOf(id),
            Title = title,
            Checks = checks,
            Counts = Counts([.. checks.Where(check => !check.WholeTable)]),
            Impact = new Impact { Locks = [.. Locks.OnAll(table, Locks.AccessShare), .. reads], Cost = Cost.Scan },
            Estimate = Estimates.Scan(table),
        };

    /// <summary>
    /// Completeness for an initial value (the app may have changed it since), equality for a derived one.
    /// </summary>
    public VerifyCheck Filled(NewColumn column) =>
        column.IsDerived
            ? Check(
                $"{column.Name} equals its derivation",
                IsOther(column),
                "An app, or a trigger that runs later, gave these rows another value. Correct them, then "
                    + "apply again; or roll back."
            )
            : Check(
                $"{column.Name} is filled",
                column.IsLeft,
                column.Change.Nullable
                    ? column.Fill!.IsVolatile
                        ? "The expression first gave NULL and gives a value now, so its result may vary; "
                            + "or something undid the fill. Check the rows, then apply again."
                        : "If no error is shown, something undid the fill. Check the rows, then apply again."
                    : $"The backfill expression gives NULL or raises an error for these rows{OrATrigger}. "
                        + "Correct that, then apply again; or roll back and give an expression that "
                        + "covers them."
            ) with
            {
                CallsVolatile = Evaluates(column) && column.Fill!.IsVolatile,
            };

    /// <summary>The last check of rows that the sync trigger served: an app may have written them on purpose.</summary>
    public VerifyCheck IsInStep(NewColumn column) =>
        Check(
            column.IsDerived ? $"{column.Name} equals its derivation" : $"{column.Name} is filled",
            column.IsDerived ? IsOther(column) : column.IsLeft,
            "An app gave these rows another value on purpose, or they were written while the trigger "
                + $"was disabled or its expression failed. `UPDATE {table.Sql} SET {column.Sql} = "
                + $"{column.Fill!.Expression} WHERE ...` gives them their value; completing the change again "
                + "leaves the others as they are."
        );

    private static string IsOther(NewColumn column) =>
        Conditions.AreDifferent(column.Sql, $"{Sql.Parenthesised(column.Change.Derive!)}::{column.Type}");

    /// <summary>Two columns that triggers keep equal; neither value may be lost.</summary>
    public VerifyCheck AreEqual(string column, string other) =>
        Check(
            $"{column} equals {other}",
            Conditions.AreDifferent(Sql.Name(column), Sql.Name(other)),
            "These rows were written while Segue's triggers were disabled, or came with a partition that was attached "
                + "since, or a trigger that runs later gave one column another value. "
                + "Set both columns to the right value in them, then continue; or roll back."
        );

    private string OrATrigger =>
        table
            .Triggers.Where(trigger => trigger is { IsRow: true, IsBefore: true, OnUpdate: true })
            .Select(trigger => trigger.Name)
            .ToArray()
            is { Length: > 0 } names
            ? $", or a trigger discards the update ({string.Join(", ", names)})"
            : "";

    /// <summary>Whether the check evaluates the fill's expression, and so reads what that reads.</summary>
    public static bool Evaluates(NewColumn column) => column.IsDerived || column.Change.Nullable;

    /// <param name="what">The subject of the CHECK, for messages.</param>
    public VerifyCheck Satisfies(string what, string expression) =>
        Check(
            $"{what} satisfies its CHECK",
            $"{Sql.Parenthesised(expression)} IS FALSE",
            "Adding the CHECK would reject these rows. Correct them, then apply again; or roll back."
        );

    public VerifyCheck Left(string claim, string mismatch) =>
        Check(
            claim,
            mismatch,
            "An app wrote them meanwhile, or a trigger undid the repair. Check the rows, then apply again."
        );

    /// <param name="repairs">The fill repairs rows that violate a constraint.</param>
    public VerifyCheck IsDoneOnce(string again, bool repairs) =>
        Check(
            repairs ? "a repaired row satisfies the constraint" : "a second run would not change a row again",
            again,
            "Nothing was written. Roll back, and write expressions that "
                + (
                    repairs
                        ? "repair every row."
                        : "give the same value again, or a `where` that excludes rows once they are written."
                )
        );

    public VerifyCheck HasValue(string column, string empty) =>
        Check(
            $"{column} gets a value",
            empty,
            "Nothing was written. The column rejects NULL: roll back, and write an expression that "
                + "always gives a value."
        );

    /// <param name="kept">A condition: the row is deleted, and a row of <paramref name="child"/> refers to it.</param>
    /// <param name="again">The command that continues.</param>
    public VerifyCheck MayGo(string key, string child, string kept, string again) =>
        Check(
            $"no row of {child} refers to a row that the prune deletes",
            kept,
            $"The foreign key {key} prevents deleting these rows. Delete the rows that refer to them "
                + $"and {again} again; or roll back and exclude them by `where`. A `prune` of {child} can "
                + "stand before this one in the same change."
        );

    /// <param name="staysBehind">A condition: the row stays, and refers to a deleted one.</param>
    /// <param name="again">The command that continues.</param>
    public VerifyCheck MayGoBelow(string key, string staysBehind, string again) =>
        Check(
            $"no row of {table.Name} that is kept refers to a row that the prune deletes",
            staysBehind,
            $"The foreign key {key} prevents deleting the rows that these refer to. Delete these as "
                + $"well, or point them elsewhere, and {again} again; or roll back and write a `where` that "
                + "covers them too."
        );

    /// <summary>Finds rows for which a condition raises an error.</summary>
    public VerifyCheck IsTold(string condition) =>
        Check(
            "the condition can be evaluated for every row",
            RowTrial.Evaluated([condition]),
            "Nothing was deleted. Correct these rows, then apply again; or roll back and write a "
                + "`where` that covers them."
        );

    /// <summary>Finds rows for which an expression of an index raises an error.</summary>
    /// <param name="expressions">Over the rows that are indexed.</param>
    public VerifyCheck CanBeIndexed(string index, IReadOnlyList<string> expressions) =>
        Check(
            $"{index} can be built over every row",
            RowTrial.Evaluated(expressions),
            "The build would fail on these rows. Correct them, then apply again; or roll back and "
                + "write an expression that covers them."
        );

    /// <param name="bound">Of a future partition.</param>
    /// <param name="condition">Which rows this table may have then.</param>
    public VerifyCheck Belongs(string bound, string condition) =>
        Check(
            $"{table.Name} has only rows that are allowed next to a partition {bound}",
            $"({condition}) IS NOT TRUE",
            "Move or delete these rows, then apply again; or roll back."
        );

    /// <summary>A domain's CHECK, which calls the value VALUE: so does the subquery.</summary>
    /// <param name="cast">Casts the column's value to VALUE.</param>
    public VerifyCheck SatisfiesAs(string column, string what, string cast, string expression) =>
        Check(
            $"{column} satisfies {what}",
            $"EXISTS (SELECT FROM (SELECT {Alias}.{Sql.Name(column)}{cast} AS value) AS segue_domain WHERE "
                + $"{Sql.Parenthesised(expression)} IS FALSE)",
            "The domain would reject these values. Correct them, then apply again; or roll back."
        );

    public VerifyCheck HasNoNull(string column, string condition) =>
        Check(
            $"{column} is never NULL",
            $"NOT ({condition})",
            "Give these rows a value, then apply again; or roll back."
        );

    public VerifyCheck HasParent(PlannedForeignKey key) =>
        Check(
            $"{string.Join(", ", key.Columns)} has its parent row in {key.Parent.Name}",
            HasNoParent(key),
            "The foreign key would reject these rows. Add the missing parent rows to "
                + $"{key.Parent.Name}, or correct the rows, then apply again."
        );

    /// <summary>A condition: the foreign key would reject the row.</summary>
    public string HasNoParent(PlannedForeignKey key)
    {
        string[] columns = [.. key.Columns.Select(Sql.Name)];
        IEnumerable<string> pairs = key
            .ParentColumns.Zip(columns, key.Casts)
            .Select(pair => $"segue_parent.{Sql.Name(pair.First)} = {Alias}.{pair.Second}{pair.Third}");
        string hasParent = $"EXISTS (SELECT FROM {key.Parent.Sql} AS segue_parent WHERE {string.Join(" AND ", pairs)})";
        string orphan =
            $"{string.Join(" AND ", columns.Select(column => $"{column} IS NOT NULL"))} AND NOT {hasParent}";
        bool isPartlyNull = key.Reference.Match == Changes.ForeignKeyMatch.Full && columns.Length > 1;
        string mixed = isPartlyNull
            ? $" OR num_nulls({string.Join(", ", columns)}) BETWEEN 1 AND {columns.Length - 1}"
            : "";
        return $"({orphan}){mixed}";
    }

    /// <param name="columns">The columns of the key that may be long, quoted.</param>
    /// <param name="where">Which rows the index has; null for all.</param>
    public VerifyCheck FitsIndex(string index, IReadOnlyList<string> columns, string? where) =>
        Check(
            $"{string.Join(", ", columns)} fits into a row of {index}",
            IndexRows.IsTooLong([.. columns.Select(column => $"{Alias}.{column}")])
                + (where is null ? "" : $" AND {Sql.Parenthesised(where)}"),
            $"{IndexRows.Limit} Shorten these values, then apply again; or roll back and index a "
                + "part or a hash of the value."
        );

    public VerifyCheck HasNoDuplicates(UniqueValues values) =>
        new()
        {
            Claim = $"{values.Name} has no value twice",
            Relation = table.Sql,
            WholeTable = true,
            Query = $"""
                WITH keyed AS ({PacedRead.Of(table, values.Keys.Select((key, i) => $"{key} AS key{i}"), values.Where)}),
                counted AS MATERIALIZED (SELECT
                    {string.Join(
                    ", ",
                    values.Keys.Select((_, i) => $"{RowKeys.Shown($"min(key{i}::text)", table)} AS value{i}")
                )}, count(*) AS n FROM keyed GROUP BY {string.Join(", ", values.Keys.Select((_, i) => $"key{i}"))})
                SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(n) FILTER (WHERE n > 1), 0)::bigint,
                       ARRAY(SELECT concat({Sql.Literal(values.Name + "=")},
                           {string.Join(", ', ', ", values.Keys.Select((_, i) => $"value{i}"))}, ' (', n, ' rows)')
                           FROM counted WHERE n > 1 LIMIT 10)
                FROM counted
                """,
            Remedy = "A unique index over these rows cannot be built. Correct them, then apply again; or roll back.",
        };

    /// <summary>
    /// Each row is read once for all checks; the keys of failing rows are read only if there are any.
    /// </summary>
    private string? Counts(IReadOnlyList<VerifyCheck> checks) =>
        checks.Count == 0
            ? null
            : $"""
                SELECT count(*)::bigint,
                    ARRAY[{string.Join(
                    ", ",
                    checks.Select(check => $"count(*) FILTER (WHERE {check.Mismatch})")
                )}]::bigint[]
                FROM {table.Sql} AS {Alias} WHERE ctid >= $1 AND ctid < $2
                """;

    private VerifyCheck Check(string claim, string mismatch, string remedy) =>
        new()
        {
            Claim = claim,
            Relation = table.Sql,
            Mismatch = mismatch,
            Query = $"""
                SELECT count(*)::bigint, count(*) FILTER (WHERE {mismatch})::bigint,
                       ARRAY(SELECT {RowKeys.Of(table)} FROM {table.Sql} AS {Alias} WHERE ctid >= $1 AND ctid < $2
                           AND ({mismatch}) LIMIT 10)
                FROM {table.Sql} AS {Alias} WHERE ctid >= $1 AND ctid < $2
                """,
            QueryEach = new RowByRow(table, table.Sql).Compare(mismatch),
            Remedy = remedy,
        };
}

/// <summary>Values that no two rows may share.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Keys">Expressions over the row, with their collations.</param>
/// <param name="Where">Which rows count; begins with a blank and AND, or is empty.</param>
internal sealed record UniqueValues(string Name, IReadOnlyList<string> Keys, string Where)
{
    public static UniqueValues Of(params IReadOnlyList<string> columns) =>
        new(
            string.Join(", ", columns),
            [.. columns.Select(Sql.Name)],
            $" AND {string.Join(" AND ", columns.Select(column => $"{Sql.Name(column)} IS NOT NULL"))}"
        );
}
