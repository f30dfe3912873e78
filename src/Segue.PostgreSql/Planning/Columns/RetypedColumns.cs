using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Dependents;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// What else a column's new type or collation affects: sessions, the other side of foreign keys, partitions, and
/// objects that depend on the column.
/// </summary>
internal sealed class RetypedColumns(Draft draft, Table table)
{
    private readonly AlterationRefusals _refusals = new(draft, table);

    /// <summary>The column's new type is no drift behind the gate.</summary>
    public async Task ExpectBehindGateAsync(ExistingColumn column) =>
        draft.Drift.ExpectBehindGate(
            (
                await draft.Connection.ScalarAsync<string>(
                    "SELECT format('column %I.%I.%I ', $1, $2, $3)",
                    draft.Cancel,
                    table.Schema,
                    table.Name,
                    column.Name
                )
            )!
        );

    /// <summary>Sessions keep statements that they prepared before the type changed.</summary>
    public async Task SessionsAsync(AlterColumn change)
    {
        string stale =
            $"Sessions that prepared statements returning {change.Table}.{change.Name} before its type "
            + "changed get an error for them (cached plan must not change result type), with some "
            + "drivers until the session is closed";
        if (change.EndSessionsOf.Count == 0)
        {
            draft.Afterwards.Add($"{stale}: restart the applications that use it, or clear their connection pools.");
            return;
        }

        string applications = string.Join(", ", change.EndSessionsOf);
        draft.Afterwards.Add(
            $"{stale}. Idle sessions of {applications} were ended; restart other applications that use it."
        );
        if (
            await draft.Connection.ScalarAsync<bool>(
                $"SELECT {new RetiredSessions(change.EndSessionsOf).MayNot}",
                draft.Cancel
            )
        )
        {
            draft.Refused.Add(
                new Problem(
                    change.Title,
                    $"our role may not end the sessions of {applications}.",
                    $"`GRANT pg_signal_backend TO {draft.Server.Role}` (sessions of superusers only a "
                        + "superuser may end), or leave out `end_sessions_of`."
                )
            );
        }
    }

    /// <summary>
    /// Asks the server on copies of both sides: if it would compare their rows again, that is a problem.
    /// </summary>
    public async Task<IReadOnlyList<Partner>> PartnersAsync(AlterColumn change, ExistingColumn column, Alteration type)
    {
        string keys = string.Join(", ", column.ForeignKeys);
        const string Remedy = "Drop that first (`drop_constraint`), and add it again afterwards (`add_foreign_key`).";
        switch (await draft.Statements.ExplainAsync(null, type.Statement, draft.Cancel, isBare: true))
        {
            case Explanation.NotMeasured { Problem: var problem }:
                draft.Refused.Add(
                    new Problem(
                        change.Title,
                        $"{column.Name} is compared by {keys}, and the effect on both tables could not "
                            + $"be measured: {problem.What}",
                        Remedy
                    )
                );
                return [];
            case Explanation.Measured { Effect: var effect } when effect.Work.Count > 0:
                draft.Refused.Add(
                    new Problem(
                        change.Title,
                        $"{column.Name} is compared by {keys}, and the server "
                            + $"{string.Join(", ", effect.Work.Select(work => $"{work.Does} ({work.Relation})"))} "
                            + "while nobody can use either table.",
                        Remedy
                    )
                );
                return [];
            case Explanation.Measured { Effect: var effect }:
                RelationLock[] others =
                [
                    .. effect.Locks.Where(held =>
                        held.Blocks != Blocks.Nothing && !table.AllRelations().Contains(held.Relation)
                    ),
                ];
                IReadOnlyList<bool> canLock = await draft.Connection.QueryAsync(
                    "SELECT c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'UPDATE, DELETE, "
                        + "TRUNCATE') FROM unnest($1) WITH ORDINALITY AS held(relation, n) JOIN pg_class c ON "
                        + "c.oid = to_regclass(held.relation) ORDER BY n",
                    row => row.GetBoolean(0),
                    draft.Cancel,
                    (object)others.Select(held => held.Relation).ToArray()
                );
                return [.. others.Zip(canLock, (held, can) => new Partner(held, can))];
            default:
                throw new InvalidOperationException();
        }
    }

    /// <summary>A partition may have indexes and CHECKs of its own that depend on the type.</summary>
    public async Task AskPartitionsAsync(AlterColumn change)
    {
        AlterColumn type = new()
        {
            Table = change.Table,
            Name = change.Name,
            Type = change.Type,
            Collation = change.Collation,
        };
        foreach (Partition leaf in table.Partitions.Where(partition => partition.Kind == 'r'))
        {
            Table own = table with { Schema = leaf.Schema, Name = leaf.Name, Kind = 'r', Partitions = [] };
            if (
                draft.HasProblems
                || await ExistingColumn.FindAsync(draft.Connection, leaf.Sql, change.Name, draft.Cancel)
                    is not { } column
            )
            {
                return;
            }

            if (_refusals.Objection(type, column, isRoot: false) is { } objection)
            {
                draft.Refused.Add(
                    new Problem($"{change.Title}, partition {leaf.Name}", objection.What, objection.Remedy)
                );
                return;
            }

            TableCopy copy = new(draft.Connection, own);
            await copy.CreateWholeAsync(draft.Cancel);
            AlterationProbe probe = new(
                new AlteredColumn(draft.Connection, own, copy, column, type),
                withoutChecks: false
            );
            await probe.AskAsync(draft.Cancel);
            await draft.DropAsync(copy);
            draft.Refused.AddRange(
                probe.Unsafe is { } unsafely
                    ? [unsafely with { Where = $"{change.Title}, partition {leaf.Name}" }]
                    : Array.Empty<Problem>()
            );
        }
    }

    /// <summary>The objects that are recreated with the columns whose type changes.</summary>
    public async Task<RecreatedDependents> RecreatedAsync(
        IReadOnlyList<AlterColumn> changes,
        IReadOnlyList<Alteration> alterations
    )
    {
        Retyping[] retyped = [.. alterations.Select(alteration => alteration.Retypes).OfType<Retyping>()];
        return retyped.Length == 0 || draft.HasProblems
            ? RecreatedDependents.None
            : await new DependentsRecreation(
                draft,
                table,
                changes.First(change => change.Title == retyped[0].Title)
            ).ResolveAsync([.. retyped.Select(each => each.Column)], [.. retyped.Select(each => each.Clauses)]);
    }
}
