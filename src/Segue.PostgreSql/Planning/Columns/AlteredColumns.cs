using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Dependents;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The columns of one table that a change alters: which alterations change only the catalog, which need a fill, which a
/// proof.
/// </summary>
internal sealed class AlteredColumns(Draft draft, Table table, ObjectNames names, bool sharesUpdate)
{
    private readonly List<NewColumn> _columns = [];
    private readonly List<Alteration> _alterations = [];
    private readonly List<ProvenNotNull> _notNulls = [];

    /// <summary>The columns whose NULLs get a value.</summary>
    public IReadOnlyList<NewColumn> Columns => _columns;

    public IReadOnlyList<Alteration> Alterations => _alterations;

    public IReadOnlyList<ProvenNotNull> NotNulls => _notNulls;

    public RecreatedDependents Recreated { get; private set; } = RecreatedDependents.None;

    public async Task ResolveAsync(IReadOnlyList<AlterColumn> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        TableCopy copy = new(draft.Connection, table);
        await copy.CreateWholeAsync(draft.Cancel);
        foreach (AlterColumn change in changes)
        {
            await draft.CheckEncodingAsync(change.Title, "comment", change.Comment);
            if (
                await ExistingColumn.FindAsync(draft.Connection, table.Sql, change.Name, draft.Cancel) is not { } column
            )
            {
                draft.Invalid.Add(
                    new Problem(
                        $"{change.Title}: name",
                        $"{table.Schema}.{table.Name} has no column {change.Name}.",
                        $"It has {string.Join(", ", table.Columns)}."
                    )
                );
            }
            else if (Objection(change, column, isRoot: true) is { } objection)
            {
                draft.Refused.Add(new Problem(change.Title, objection.What, objection.Remedy));
            }
            else
            {
                await ResolveAsync(copy, change, column);
            }
        }

        await draft.DropAsync(copy);
        await CarryAsync(changes);
    }

    /// <summary>Sessions keep statements that they prepared before the type changed.</summary>
    private async Task SessionsAsync(AlterColumn change)
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

    private async Task CarryAsync(IReadOnlyList<AlterColumn> changes)
    {
        Retyping[] retyped = [.. _alterations.Select(alteration => alteration.Retypes).OfType<Retyping>()];
        if (retyped.Length > 0 && !draft.HasProblems)
        {
            Recreated = await new DependentsRecreation(
                draft,
                table,
                changes.First(change => change.Title == retyped[0].Title)
            ).ResolveAsync([.. retyped.Select(each => each.Column)], [.. retyped.Select(each => each.Clauses)]);
        }
    }

    private async Task ResolveAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        if (await DifferingPartitionAsync(change, column) is { } partition)
        {
            draft.Refused.Add(
                new Problem(
                    change.Title,
                    $"the partition {partition.Schema}.{partition.Name} has another default, statistics "
                        + $"target, storage or compression of {column.Name} than its root. The server would "
                        + "replace it with the root's, and a rollback could not restore it.",
                    "Make them equal first, or alter the column manually (`ALTER TABLE ONLY`)."
                )
            );
            return;
        }

        _ = draft.Claim(ClaimKind.Column, $"{table.Schema}.{table.Name}.{column.Name}", change);
        if (change.Type is not null || change.Collation is not null)
        {
            await RefuseBuiltOnAsync(change, column);
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
        }

        int before = Count + copy.Problems.Count;
        // Another collation compares differently: the result of a CHECK on the rows would change with it. A partition's
        // own CHECKs stay when the root's are dropped.
        AlterationProbe probe = new(draft.Connection, table, copy, column, change)
        {
            WithoutChecks = change.Collation is null && !table.IsPartitioned,
        };
        IReadOnlyList<Alteration> alterations = await probe.AskAsync(draft.Cancel);
        draft.Refused.AddRange(probe.Unsafe is { } unsafely ? [unsafely] : Array.Empty<Problem>());
        foreach (Alteration alteration in alterations)
        {
            bool hasPartners = alteration.Retypes is not null && column.ForeignKeys.Count > 0 && !draft.HasProblems;
            _alterations.Add(
                alteration with
                {
                    Column = change.Name,
                    Partners = hasPartners ? await PartnersAsync(change, column, alteration) : alteration.Partners,
                }
            );
        }

        if (alterations.Any(alteration => alteration.Retypes is not null))
        {
            await SessionsAsync(change);
        }

        if (change.Type is not null || change.Collation is not null)
        {
            await AskPartitionsAsync(change);
        }

        await NotNullAsync(copy, change, column);
        if (Count + copy.Problems.Count == before && !draft.HasProblems)
        {
            draft.Invalid.Add(
                new Problem(
                    change.Title,
                    $"{table.Schema}.{table.Name}.{column.Name} already is as the change asks.",
                    "Leave it out."
                )
            );
        }
    }

    /// <summary>
    /// Asks the server on copies of both sides: if it would compare their rows again, that is a problem.
    /// </summary>
    private async Task<IReadOnlyList<Partner>> PartnersAsync(AlterColumn change, ExistingColumn column, Alteration type)
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

    /// <summary>
    /// The server copies these attributes to every partition. They must have been equal before, or a rollback could not
    /// restore them.
    /// </summary>
    private async Task<Partition?> DifferingPartitionAsync(AlterColumn change, ExistingColumn column)
    {
        if (change is { Default: null, DropDefault: false, Statistics: null, Storage: null, Compression: null })
        {
            return null;
        }

        foreach (Partition partition in table.Partitions)
        {
            ExistingColumn? own = await ExistingColumn.FindAsync(
                draft.Connection,
                partition.Sql,
                column.Name,
                draft.Cancel
            );
            if (
                own is not null
                && (own.Default, own.Statistics, own.Storage, own.Compression)
                    != (column.Default, column.Statistics, column.Storage, column.Compression)
            )
            {
                return partition;
            }
        }

        return null;
    }

    /// <summary>A partition may have indexes and CHECKs of its own that depend on the type.</summary>
    private async Task AskPartitionsAsync(AlterColumn change)
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

            if (Objection(type, column, isRoot: false) is { } objection)
            {
                draft.Refused.Add(
                    new Problem($"{change.Title}, partition {leaf.Name}", objection.What, objection.Remedy)
                );
                return;
            }

            TableCopy copy = new(draft.Connection, own);
            await copy.CreateWholeAsync(draft.Cancel);
            AlterationProbe probe = new(draft.Connection, own, copy, column, type);
            await probe.AskAsync(draft.Cancel);
            await draft.DropAsync(copy);
            draft.Refused.AddRange(
                probe.Unsafe is { } unsafely
                    ? [unsafely with { Where = $"{change.Title}, partition {leaf.Name}" }]
                    : Array.Empty<Problem>()
            );
        }
    }

    /// <summary>Objects that the change itself builds on the column are built before its type changes.</summary>
    private async Task RefuseBuiltOnAsync(AlterColumn change, ExistingColumn column)
    {
        foreach (Operation other in draft.Change.Operations)
        {
            TableName? on = other is ReplaceIndex replaced
                ? (await ExistingIndex.FindAsync(draft.Connection, replaced.Index, draft.Cancel))?.Table
                : (other as TableOperation)?.Table;
            bool isHere = on is not null && on.Name == table.Name && (on.Schema ?? table.Schema) == table.Schema;
            IEnumerable<ColumnReading> reads = other.Reads.Where(reading =>
                reading.Lasts && (isHere || (other is not TableOperation && reading.Names(table.Name)))
            );
            if (reads.Any(reading => reading.Names(column.Name)))
            {
                draft.Invalid.Add(
                    new Problem(
                        change.Title,
                        $"`{other.Title}` of the same change reads {column.Name}. It would be built "
                            + "before the type changes, and the server would build or check it again while "
                            + "nobody can use the table.",
                        "Split them into two changes, this one first."
                    )
                );
            }
        }
    }

    private int Count => _alterations.Count + _columns.Count + _notNulls.Count;

    private (string What, string Remedy)? Objection(AlterColumn change, ExistingColumn column, bool isRoot) =>
        (change, column) switch
        {
            ({ Nullable: not null }, { UnprovenNotNull: { } unproven }) => (
                $"{column.Name} has the NOT NULL {unproven}, which was never proven.",
                "Give rows without a value one (`backfill`) and prove it: a `sql` operation with `ALTER "
                    + $"TABLE {table.Sql} VALIDATE CONSTRAINT {Sql.Name(unproven)}`; or drop it with "
                    + "`drop_constraint` first."
            ),
            ({ Nullable: true }, { IsNotNull: true, IsIdentity: true }) => (
                $"{column.Name} is an identity column, which is never NULL.",
                "Leave `nullable` out."
            ),
            ({ Nullable: true }, { IsNotNull: true, Keys: [var key, ..] }) when key != "the partition key" => (
                $"{column.Name} is in {key}, which allows no NULL.",
                "Drop that first, or leave `nullable` out."
            ),
            ({ Nullable: false, Backfill: not null }, { IsGenerated: true }) => (
                $"{column.Name} is generated: the server alone gives it values.",
                "Leave `backfill` out."
            ),
            ({ Type: not null } or { Collation: not null }, { Keys: [.., "the partition key" and var key] }) => (
                $"{column.Name} decides, or may decide, which partition a row belongs to, by {key}.",
                "Create a new partitioned table and move the rows over."
            ),
            ({ Type: not null } or { Collation: not null }, { ForeignKeys: [var key, ..] }) when !isRoot => (
                $"{column.Name} of a partition is compared by {key} of its own.",
                "Drop that first (`drop_constraint`), and add it again afterwards (`add_foreign_key`)."
            ),
            _ => null,
        };

    private async Task NotNullAsync(TableCopy copy, AlterColumn change, ExistingColumn column)
    {
        if (change.Nullable is not false || column.IsNotNull)
        {
            return;
        }

        string constraint = names.ForRelation(table.Schema, table.Name, column.Name, "not_null");
        string sql = Sql.Name(column.Name);
        if (change.Backfill is null)
        {
            draft.Refused.AddRange(Refusals.OfProving(table, change.Title));
            draft.Hazards.Add(
                Hazard.Danger(
                    "enforced-before-switch",
                    $"From the enforce stage on {table.Name}.{column.Name} rejects NULL: old code that "
                        + "writes one fails. With `backfill` such a row would get that value instead, until "
                        + "the gate is passed."
                )
            );
            if (await FilledNulls.EmptiedByAsync(draft.Connection, table, column.Name, draft.Cancel) is { } key)
            {
                draft.Hazards.Add(
                    Hazard.Danger(
                        "emptying-key",
                        $"The foreign key {key} sets {table.Name}.{column.Name} to NULL when a parent "
                            + "row is deleted or its key changes. From the enforce stage on such a statement "
                            + "on the parent fails."
                    )
                );
            }

            _notNulls.Add(
                new ProvenNotNull(
                    column.Name,
                    constraint,
                    column.IsComposite ? $"{sql} IS DISTINCT FROM NULL" : $"{sql} IS NOT NULL"
                )
            );
            return;
        }

        ColumnProbe probe = new(draft.Connection, table, copy, sharesUpdate);
        if (
            await probe.FillOfExistingAsync(change, $"{Sql.Name("segue_probe_column")} {column.Type}", draft.Cancel) is
            { } fill
        )
        {
            if (
                await new FilledNulls(draft.Connection, table, copy, column.Name, fill).ObjectionAsync(
                    $"{change.Title}: backfill",
                    draft.Cancel
                ) is
                { } objection
            )
            {
                draft.Refused.Add(objection);
                return;
            }

            draft.Hazards.Add(
                Hazard.Notice(
                    "filled-stays",
                    $"A rollback leaves the values that replaced NULLs in {table.Name}.{column.Name}: "
                        + "Segue does not record which rows were NULL."
                )
            );
            _columns.Add(
                new NewColumn
                {
                    IsThere = true,
                    Change = new AddColumn
                    {
                        Table = change.Table,
                        Name = column.Name,
                        Type = column.Type,
                        Nullable = false,
                        Backfill = change.Backfill,
                    },
                    Type = column.Type,
                    Collate = "",
                    TypeRewrites = false,
                    IsComposite = column.IsComposite,
                    TypeHasDefault = false,
                    DefaultIsMetadata = true,
                    BackfillIsConstant = false,
                    Fill = fill,
                    Names = new ConstraintNames("", "", "", "", constraint),
                }
            );
        }
    }
}
