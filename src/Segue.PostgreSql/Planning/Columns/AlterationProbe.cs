using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Asks the server for the effects of an <see cref="AlterColumn"/>, on a copy of the table with its indexes and CHECKs.
/// </summary>
/// <param name="withoutChecks">See <see cref="RetypingProbe"/>.</param>
internal sealed class AlterationProbe(AlteredColumn at, bool withoutChecks)
{
    private readonly RetypingProbe _type = new(at, withoutChecks);

    /// <summary>Why the new type or collation is not supported; null if it is.</summary>
    public Problem? Unsafe => _type.Unsafe;

    /// <summary>What the server accepts; otherwise the copy reports why.</summary>
    public async Task<IReadOnlyList<Alteration>> AskAsync(CancellationToken cancel)
    {
        at.Copy.Where = at.Change.Title;
        string isGone = Conditions.Not(Conditions.ColumnExists(at.Table.Sql, at.Column.Name));
        return
        [
            .. (await AskEachAsync(cancel)).Select(each =>
                each.IsUndone is { } isUndone ? each with { IsUndone = Conditions.Either(isGone, isUndone) } : each
            ),
        ];
    }

    private async Task<IReadOnlyList<Alteration>> AskEachAsync(CancellationToken cancel) =>
        [
            .. When(await _type.AskAsync(cancel)),
            .. When(await DefaultAsync(cancel)),
            .. When(at.Change.Nullable is true && at.Column.IsNotNull, DropNotNull),
            .. When(at.Change.Comment is not null || (at.Change.DropComment && at.Column.Comment is not null), Comment),
            .. await new ColumnSettingsProbe(at).AskAsync(cancel),
        ];

    private async Task<Alteration?> DefaultAsync(CancellationToken cancel)
    {
        if (at.Change.DropDefault)
        {
            return at.Column.Default is null
                ? null
                : new Alteration
                {
                    Stage = StageName.Contract,
                    Title = $"drop the default of {at.Column.Name}",
                    Statement = $"{at.Alter} DROP DEFAULT",
                    IsDone = at.Is("NOT a.atthasdef"),
                    WaitsFor = new GateCondition(GateEvidence.NotUsed, [$"the default of {at.Name}"]),
                };
        }

        if (at.Change.Default is not { } expression || !at.Copy.IsExpression("default", expression))
        {
            return null;
        }

        string? printed = null;
        bool goes = await at.Copy.TryAsync(
            "default",
            "A default is an expression without columns, e.g. 'USD' in quotes, 0 or now().",
            async () =>
            {
                if (_type.Clauses is not null)
                {
                    await at.Connection.ExecuteAsync($"ALTER TABLE {at.Copy.Sql} {_type.Clauses}", cancel);
                }

                await at.Connection.ExecuteAsync(
                    $"ALTER TABLE {at.Copy.Sql} ALTER COLUMN {at.Sql} SET DEFAULT {Sql.Parenthesised(expression)}",
                    cancel
                );
                printed = (await ExistingColumn.FindAsync(at.Connection, at.Copy.Sql, at.Column.Name, cancel))!.Default;
            },
            cancel
        );
        return !goes || printed == at.Column.Default
            ? null
            : new Alteration
            {
                // A value of the new type may not fit the type that the column has until then.
                Stage = _type.Clauses is null ? StageName.Expand : StageName.Contract,
                Title = $"set the default of {at.Column.Name}",
                Statement = $"{at.Alter} SET DEFAULT {Sql.Parenthesised(expression)}",
                IsDone = DefaultIs(printed),
                Undo = at.Column.Default is { } before
                    ? $"{at.Alter} SET DEFAULT {before}"
                    : $"{at.Alter} DROP DEFAULT",
                IsUndone = DefaultIs(at.Column.Default),
            };
    }

    private string DefaultIs(string? printed) =>
        printed is null
            ? at.Is("NOT a.atthasdef")
            : at.Is($"{Printing.InPlan("pg_get_expr(d.adbin, d.adrelid)")} = {Sql.Literal(printed)}");

    private Alteration DropNotNull() =>
        new()
        {
            Stage = StageName.Contract,
            Title = $"drop NOT NULL of {at.Column.Name}",
            Statement = $"{at.Alter} DROP NOT NULL",
            IsDone = at.Is("NOT a.attnotnull"),
            WaitsFor = new GateCondition(GateEvidence.NullAccepted, [at.Name]),
        };

    private Alteration Comment() =>
        new()
        {
            Stage = StageName.Expand,
            Title = $"{(at.Change.DropComment ? "drop" : "set")} the comment on {at.Column.Name}",
            Statement = CommentIs(at.Change.Comment),
            IsDone = at.Is($"col_description(a.attrelid, a.attnum) IS NOT DISTINCT FROM {Text(at.Change.Comment)}"),
            Undo = CommentIs(at.Column.Comment),
            IsUndone = at.Is($"col_description(a.attrelid, a.attnum) IS NOT DISTINCT FROM {Text(at.Column.Comment)}"),
            Mode = Locks.ShareUpdateExclusive,
        };

    private string CommentIs(string? text) => $"COMMENT ON COLUMN {at.Table.Sql}.{at.Sql} IS {Text(text)}";

    private static string Text(string? text) => text is null ? "NULL" : Sql.Literal(text);
}
