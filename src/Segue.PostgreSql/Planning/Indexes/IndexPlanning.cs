using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Indexes;

/// <summary>
/// The roads of <c>create_index</c>, <c>drop_index</c>, <c>rename_index</c> and <c>replace_index</c>.
/// </summary>
internal sealed class IndexPlanning(Draft draft)
{
    public async Task<IReadOnlyList<StagedStep>> CreateAsync(CreateIndex operation) =>
        await draft.OwnedAsync(operation.Table, operation.Title, alsoMatview: true) is { } table
            ? (await CreateAsync(operation, table)).Steps
            : [];

    private async Task<(IReadOnlyList<StagedStep> Steps, PlannedIndex? Index)> CreateAsync(
        CreateIndex operation,
        Table table
    )
    {
        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        (IndexDefinition? definition, string? name) = await new IndexProbe(
            draft.Connection,
            draft.Server,
            copy,
            operation
        ).AskAsync(draft.Cancel);
        await draft.DropAsync(copy);
        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToIndexAsync(
                "the index",
                operation.Title
            )
        );
        if (operation.Name is { } wanted && !names.Take(wanted))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: name",
                    $"{table.Schema} already has an object of that name.",
                    "Choose another name."
                )
            );
        }

        draft.Refused.AddRange(operation.Unique ? Refusals.OfProving(table, operation.Title) : []);
        if (
            operation.Unique
            && table.IsPartitioned
            && await Refusals.OfPartitionKeyAsync(
                draft,
                table,
                [.. operation.Columns.Select(part => part.Column).OfType<string>()],
                operation.Title
            )
                is { } refusal
        )
        {
            draft.Refused.Add(refusal);
        }

        if (draft.HasProblems)
        {
            return ([], null);
        }

        PlannedIndex index = new(
            table.Sql,
            table.Schema,
            operation.Name ?? names.Free(name!),
            definition!,
            operation.Unique
        );
        IEnumerable<Step> build = new IndexRoad(table, names, $"enforce/index-{index.Name}", isUndone: true).Build(
            index
        );
        draft.Hazards.AddRange(IndexRows.Hazards(index.Name, index.Definition));
        VerifyCheck[] proofs = [.. ProofsOf(operation, table, index)];
        string[] evaluated =
        [
            .. operation.Columns.Where(part => part.Expression is not null).Select(part => IndexProbe.ValueOf(part)),
            .. When(operation.Where),
        ];
        return (
            [
                .. When(
                    evaluated.Length > 0 && !table.RowSecurityApplies,
                    () => new StagedStep(StageName.Verify, CanBeBuilt(table, index.Name, operation, evaluated))
                ),
                .. proofs.Length > 0
                    ?
                    [
                        new StagedStep(
                            StageName.Verify,
                            new Proofs(table).Step(
                                $"verify/index-{index.Name}",
                                $"check for rows that violate {index.Name}",
                                proofs,
                                []
                            )
                        ),
                    ]
                    : Array.Empty<StagedStep>(),
                .. build.Select(step => new StagedStep(StageName.Enforce, step)),
            ],
            index
        );
    }

    private static IEnumerable<VerifyCheck> ProofsOf(CreateIndex operation, Table table, PlannedIndex index)
    {
        if (operation.Unique)
        {
            yield return new Proofs(table).HasNoDuplicates(ValuesOf(operation));
        }

        // The value of an expression is not compressed by the table: its size shows nothing.
        string[] columns =
        [
            .. operation.Columns.Select(part => part.Column).OfType<string>().Concat(operation.Include),
        ];
        string[] longKeys =
        [
            .. index.Definition.LongKeys.Where(key => columns.Any(column => key == column || key == Sql.Name(column))),
        ];
        if (longKeys.Length > 0 && !table.RowSecurityApplies)
        {
            yield return new Proofs(table).FitsIndex(index.Name, longKeys, operation.Where);
        }
    }

    /// <summary>
    /// The new index is built, then the old one waits at the gate and is dropped. A new one without a name then gets
    /// the name of the old one.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> ReplaceAsync(ReplaceIndex operation)
    {
        if (await FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        (ExistingIndex old, Table table) = found;
        CreateIndex by = operation.By with { Table = new TableName(table.Schema, table.Name) };
        (IReadOnlyList<StagedStep> created, PlannedIndex? index) = await CreateAsync(by, table);
        string? takesName =
            operation.By.Name is null && index is not null
                ? Conditions.All([
                    (index with { Name = old.Name }).Exists,
                    Conditions.Not(Conditions.RelationExists(index.Sql)),
                ])
                : null;
        IReadOnlyList<StagedStep> dropped = Drop(old, table, operation.Title, takesName);
        if (draft.HasProblems)
        {
            return [];
        }

        Obstacle unused = new(
            "SELECT coalesce((SELECT sum(s.idx_scan) FROM pg_catalog.pg_stat_user_indexes s WHERE "
                + $"s.indexrelid IN (SELECT to_regclass({Sql.Literal(index!.Sql)})::oid UNION SELECT relid FROM "
                + $"pg_catalog.pg_partition_tree(to_regclass({Sql.Literal(index.Sql)})))), 0) = 0",
            $"the server has not used {index.Sql} yet (replicas count for themselves). See with EXPLAIN "
                + $"whether it would, and let the app run for a while; or roll the change back"
        );
        return
        [
            .. created,
            .. dropped.Select(each =>
                each is (StageName.Contract, var drop) && operation.UntilUsed
                    ? new StagedStep(each.Stage, drop with { Obstacle = unused })
                    : each
            ),
            .. operation.By.Name is null
                ?
                [
                    new StagedStep(
                        StageName.Contract,
                        Rename(table, index with { Name = old.Name }, "contract/index-name", index.Name, old.Name)
                    ),
                ]
                : Array.Empty<StagedStep>(),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> DropAsync(DropIndex operation)
    {
        if (await FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        return Drop(found.Index, found.Table, operation.Title);
    }

    /// <param name="isReplaced">A condition: another index has its name, so it was dropped; null if none will.</param>
    private IReadOnlyList<StagedStep> Drop(ExistingIndex index, Table table, string where, string? isReplaced = null)
    {
        (string What, string Remedy)? objection = index switch
        {
            { Constraint: { } constraint } => (
                $"serves the constraint {constraint}.",
                $"Use `drop_constraint: {{ table: {table.Schema}.{table.Name}, name: {constraint} }}`."
            ),
            { IsAttached: true } => ("is a partition's part of the root's index.", "Drop the root's index."),
            { IsReplicaIdentity: true } => (
                $"is the replica identity of {table.Name}: without it updates could not be published.",
                "Choose another one first: `ALTER TABLE ... REPLICA IDENTITY`."
            ),
            { Dependents: [var dependent, ..] } => ($"is needed by {dependent}.", "Drop or change that first."),
            _ => null,
        };
        if (objection is { } refused)
        {
            draft.Refused.Add(new Problem(where, $"{index.Schema}.{index.Name} {refused.What}", refused.Remedy));
            return [];
        }

        draft.Drift.Watch(index.FingerprintLine);
        string used =
            index.Scans == 0
                ? "It was not used since the server's statistics were last reset (replicas have their own statistics)."
                : $"It was used {index.Scans:N0} times since the server's statistics were last reset: "
                    + "those statements will read more without it.";
        string unique = index.IsUnique
            ? " It is unique: without it duplicate values are possible, and ON CONFLICT on its columns fails."
            : "";
        draft.Hazards.Add(
            new Hazard("index-use", $"{index.Name} cannot be restored without building it again. {used}{unique}")
        );
        Steps steps = new(table);
        PlannedIndex planned = Planned(index, table, index.Name);
        string isGone = Conditions.Not(Conditions.RelationExists(planned.Sql));
        string applied = Conditions.Query(isReplaced is null ? isGone : Conditions.Either(isGone, isReplaced));
        Step drop = table.IsPartitioned
            ? steps.Exclusive(
                $"contract/index-{index.Name}",
                $"drop index {index.Name} and its parts",
                [$"DROP INDEX {planned.Sql}"]
            ) with
            {
                Applied = applied,
            }
            : steps.DropIndex($"contract/index-{index.Name}", planned) with
            {
                Applied = applied,
                Obstacle = new Obstacle(
                    Conditions.Query(planned.NameIsTaken),
                    $"{planned.Sql} differs from the index that existed when the change was planned, "
                        + "and is not touched. Roll back and plan again, or restore that index"
                ),
            };
        return
        [
            new StagedStep(
                StageName.Switch,
                steps.Gate(
                    $"switch/index-{index.Name}",
                    $"wait until no code needs index {index.Name}",
                    new GateCondition(GateEvidence.NotUsed, [$"index {index.Name}"])
                )
            ),
            new StagedStep(StageName.Contract, drop with { Impact = drop.Impact with { Reversible = false } }),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> RenameAsync(RenameIndex operation)
    {
        if (await FindAsync(operation.Index, operation) is not { } found)
        {
            return [];
        }

        (ExistingIndex index, Table table) = found;
        ObjectNames names = await draft.NamesAsync(table);
        if (!(index.Constraint is null ? names.Take(operation.To) : names.TakeBoth(operation.To)))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{index.Schema} already has an object named {operation.To}.",
                    "Choose another name."
                )
            );
            return [];
        }

        if (index.Constraint is { } constraint)
        {
            draft.Drift.Expect(
                (await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel))
                    .Where(each => each.Name == constraint)
                    .Select(each => each.FingerprintLine)
            );
            draft.Hazards.Add(
                Hazard.Danger(
                    "constraint-name",
                    $"The constraint {constraint} is renamed as well: a statement that names it (ON "
                        + $"CONFLICT ON CONSTRAINT {constraint}) fails from then on."
                )
            );
        }

        string id = $"enforce/index-{index.Name}/rename";
        return
        [
            new StagedStep(
                StageName.Enforce,
                Rename(table, Planned(index, table, operation.To), id, index.Name, operation.To) with
                {
                    Undo = [Rename(table, Planned(index, table, index.Name), $"{id}/undo", operation.To, index.Name)],
                }
            ),
        ];
    }

    /// <param name="renamed">Its state after the rename.</param>
    private static DdlStep Rename(Table table, PlannedIndex renamed, string id, string from, string to) =>
        new()
        {
            Id = new Steps(table).IdOf(id),
            Title = $"rename index {from} to {to}",
            Statements = [$"ALTER INDEX {Sql.Name(renamed.Schema, from)} RENAME TO {Sql.Name(to)}"],
            Applied = Conditions.Query(
                Conditions.All([
                    renamed.Exists,
                    Conditions.Not(Conditions.RelationExists(Sql.Name(renamed.Schema, from))),
                ])
            ),
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.All([
                        Conditions.RelationExists(Sql.Name(renamed.Schema, from)),
                        Conditions.RelationExists(Sql.Name(renamed.Schema, to)),
                    ])
                ),
                $"schema {renamed.Schema} has both {from} and {to}; one of them was created after the "
                    + "change was planned. Rename or drop that one"
            ),
            Impact = new Impact
            {
                Locks = [Locks.On(Sql.Name(renamed.Schema, from), Locks.ShareUpdateExclusive)],
                Cost = Cost.Metadata,
            },
            Estimate = Estimates.Metadata(table),
        };

    private static PlannedIndex Planned(ExistingIndex index, Table table, string name) =>
        new(table.Sql, index.Schema, name, index.Definition, index.IsUnique);

    private async Task<(ExistingIndex Index, Table Table)?> FindAsync(TableName name, Operation operation)
    {
        string where = operation.Title;
        if (await ExistingIndex.FindAsync(draft.Connection, name, draft.Cancel) is not { } index)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{where}: index",
                    $"there is no index {name}{draft.OnThePath(name)}.",
                    "Check the name and the database."
                )
            );
            return null;
        }

        bool isFree =
            draft.Claim(ClaimKind.Index, $"{index.Schema}.{index.Name}", operation)
            && (
                index.Constraint is not { } constraint
                || draft.Claim(ClaimKind.Constraint, $"{index.Table} {constraint}", operation)
            );
        return await draft.OwnedAsync(index.Table, where, alsoMatview: true) is { } table && isFree
            ? (index, table)
            : null;
    }

    /// <summary>
    /// Otherwise the build would fail on a row for which an expression raises an error, without naming it.
    /// </summary>
    private static VerifyStep CanBeBuilt(
        Table table,
        string index,
        CreateIndex operation,
        IReadOnlyList<string> evaluated
    )
    {
        string all = $"num_nulls({string.Join(", ", evaluated.Select(Sql.Parenthesised))})";
        string indexed = operation.Where is { } where ? $"CASE WHEN {Sql.Parenthesised(where)} THEN {all} END" : all;
        return new Proofs(table).Step(
            $"verify/index-{index}-values",
            $"check for rows that {index} cannot be built over",
            [new Proofs(table).CanBeIndexed(index, [indexed])],
            []
        );
    }

    /// <summary>The same values as the index will compare, with its collations.</summary>
    private static UniqueValues ValuesOf(CreateIndex operation)
    {
        string[] keys = [.. operation.Columns.Select(part => IndexProbe.ValueOf(part))];
        IEnumerable<string> conditions =
        [
            .. operation.NullsNotDistinct ? [] : keys.Select(key => $"{key} IS NOT NULL"),
            .. When(operation.Where, where => Sql.Parenthesised(where)),
        ];
        string all = string.Join(" AND ", conditions);
        return new UniqueValues(string.Join(", ", operation.Columns), keys, all.Length == 0 ? "" : $" AND {all}");
    }
}
