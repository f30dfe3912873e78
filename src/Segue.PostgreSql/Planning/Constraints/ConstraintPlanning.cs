using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Indexes;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// The roads of constraints on an existing table: first rows that violate it are reported, then it is added unproven,
/// then proven online.
/// </summary>
internal sealed class ConstraintPlanning(Draft draft)
{
    private readonly ConstraintTargets _targets = new(draft);

    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddCheck operation)
    {
        if (await _targets.ProvableAsync(operation) is not { } table)
        {
            return [];
        }

        if (operation.NoInherit && table.IsPartitioned)
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: no_inherit",
                    $"{table.Name} is partitioned: its CHECK must hold for every partition.",
                    "Leave `no_inherit` out."
                )
            );
        }

        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        PlannedCheck? check = null;
        string? chosen = null;
        if (copy.IsExpression("check", operation.Check))
        {
            await copy.TryAsync(
                "check",
                "Write a boolean expression over the table's columns.",
                async () =>
                {
                    await draft.Connection.ExecuteAsync(
                        $"ALTER TABLE {copy.Sql} ADD CHECK {Sql.Parenthesised(operation.Check)}",
                        draft.Cancel
                    );
                    chosen = await draft.Connection.ScalarAsync<string>(
                        "SELECT conname::text FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'",
                        draft.Cancel,
                        copy.Sql
                    );
                    check = await PlannedCheck.ProbeAsync(
                        draft.Connection,
                        copy.Sql,
                        "",
                        operation.Check,
                        draft.Cancel
                    );
                },
                draft.Cancel
            );
        }

        await draft.DropAsync(copy);
        string? name = _targets.NameOf(operation, operation.Name, names.TakeConstraint, () => names.Free(chosen!));
        if (draft.HasProblems)
        {
            return [];
        }

        string definition = $"CHECK {Sql.Parenthesised(operation.Check)}{(operation.NoInherit ? " NO INHERIT" : "")}";
        return ConstraintTargets.Road(
            table,
            name!,
            [new Proofs(table).Satisfies(name!, operation.Check)],
            [],
            new CheckRoad(table, draft.Server, $"enforce/constraint-{name}").Check(
                PlannedConstraint.Check(table.Sql, name!, check!),
                definition,
                isUndone: true
            )
        );
    }

    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddForeignKey operation)
    {
        if (
            await _targets.ProvableAsync(operation) is not { } table
            || !_targets.HasColumns(operation, table, operation.Columns)
        )
        {
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        string? name = _targets.NameOf(
            operation,
            operation.Name,
            names.TakeConstraint,
            () => names.ForRelation(table.Schema, table.Name, string.Join('_', operation.Columns), "fkey")
        );
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        PlannedForeignKey? key = await draft.ForeignKeyAsync(
            copy,
            table,
            operation.Columns,
            operation.References,
            name ?? ""
        );
        await draft.DropAsync(copy);
        if (draft.HasProblems)
        {
            return [];
        }

        if (!await IsIndexedAsync(table, operation.Columns))
        {
            draft.Hazards.Add(
                new Hazard(
                    "foreign-key-index",
                    $"No index of {table.Name} begins with {string.Join(", ", operation.Columns)}: each "
                        + $"delete or key change in {key!.Parent.Name} will read all of {table.Name}. "
                        + "`create_index` in the same change, before the foreign key, avoids that."
                )
            );
        }

        IEnumerable<RelationLock> reads =
            key!.Parent.Oid == table.Oid ? [] : Locks.OnAll(key.Parent, Locks.AccessShare);
        IReadOnlyList<StagedStep> repair = await RepairAsync(
            operation,
            new Proofs(table).HasNoParent(key),
            $"repair-{key.Name}"
        );
        string? repairedBy = repair.Select(each => each.Step).OfType<BackfillStep>().LastOrDefault()?.Id;
        return
        [
            .. repair,
            .. ConstraintTargets.Road(
                table,
                key.Name,
                [new Proofs(table).HasParent(key)],
                reads,
                new ForeignKeyRoad(table, draft.Server, key, $"enforce/constraint-{key.Name}").Add(),
                repairedBy
            ),
        ];
    }

    private async Task<IReadOnlyList<StagedStep>> RepairAsync(AddForeignKey operation, string isOrphan, string id) =>
        operation.Repair.Count == 0
            ? []
            : await new RowPlanning(draft).RepairAsync(
                new BackfillRows
                {
                    Table = operation.Table,
                    Set = operation.Repair,
                    Where = isOrphan,
                },
                id,
                $"{operation.Title}: repair"
            );

    /// <summary>
    /// There is no concurrent form: its index is built under the lock, which only a small table allows.
    /// </summary>
    public async Task<IReadOnlyList<StagedStep>> AddAsync(AddExclusion operation)
    {
        if (await _targets.TargetAsync(operation) is not { } table)
        {
            return [];
        }

        if (!draft.IsSmall(table))
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    "the server can add it only by building its index while nobody can use "
                        + $"{table.Name} ({Plain.Bytes(table.TotalSize.All)}).",
                    "Add it in a maintenance window; or create a new table with it and move the rows over."
                )
            );
        }

        if (table.IsPartitioned)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"{table.Name} is partitioned: such a constraint compares the rows of one partition only.",
                    "Name the partition."
                )
            );
        }

        draft.Refused.AddRange(
            await new Rights(draft.Connection, table, draft.Server, draft.Cancel).ToIndexAsync(
                "its index",
                operation.Title
            )
        );
        ObjectNames names = await draft.NamesAsync(table);
        TableCopy copy = await draft.CopyAsync(table, operation.Title);
        (string Name, string Definition)? made = null;
        IndexDefinition? index = null;
        string clause = Clause(operation);
        if (
            operation.Elements.All(element =>
                (element.Part.Expression is not { } expression || copy.IsExpression("elements", expression))
                && (element.Part.OpClass is not { } opClass || copy.IsExpression("elements", opClass))
            ) && (operation.Where is not { } where || copy.IsExpression("where", where))
        )
        {
            await copy.TryAsync(
                "elements",
                "Compare columns of the table, or expressions over it, by operators that the index method supports.",
                async () =>
                {
                    await draft.Connection.ExecuteAsync($"ALTER TABLE {copy.Sql} ADD {clause}", draft.Cancel);
                    made = (
                        await draft.Connection.QueryAsync(
                            $"SELECT conname::text, {Printing.Of("pg_get_constraintdef(oid)")} FROM "
                                + "pg_constraint WHERE conrelid = $1::regclass AND contype = 'x'",
                            row => (row.GetString(0), row.GetString(1)),
                            draft.Cancel,
                            copy.Sql
                        )
                    )[0];
                },
                draft.Cancel
            );
            string build = IndexProbe.Statement(IndexOf(operation), PlannedIndex.ProbeName, copy.Sql);
            if (
                made is not null
                && await new IndexTrial(draft.Connection, table, copy).TryAsync(
                    "elements",
                    build,
                    draft.Server,
                    draft.Cancel
                )
            )
            {
                index = await PlannedIndex.ProbeAsync(draft.Connection, build, draft.Cancel);
            }
        }

        await draft.DropAsync(copy);
        string? name = _targets.NameOf(operation, operation.Name, names.TakeBoth, () => names.Free(made!.Value.Name));
        if (draft.HasProblems)
        {
            return [];
        }

        draft.Hazards.AddRange(IndexRows.Hazards(name!, index!));
        PlannedConstraint exclusion = PlannedConstraint.Defined(table.Sql, name!, 'x', made!.Value.Definition);
        Steps steps = new(table);
        string id = $"enforce/constraint-{name}/exclusion-add";
        DdlStep add = steps.Exclusive(
            id,
            $"add EXCLUDE {name}",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {exclusion.Sql} {clause}"]
        );
        return
        [
            new StagedStep(
                StageName.Enforce,
                add with
                {
                    Applied = Conditions.Query(exclusion.Exists),
                    Impact = add.Impact with { Cost = Cost.Build },
                    Estimate = Estimates.Build(table),
                    Undo = [steps.DropConstraint($"{id}/undo", $"drop EXCLUDE {name}", exclusion)],
                }
            ),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> DropAsync(DropConstraint operation)
    {
        if (await FindAsync(operation, operation.Name) is not { } found)
        {
            return [];
        }

        (Table table, ExistingConstraint constraint) = found;
        (string What, string Remedy)? objection = constraint switch
        {
            { IsInherited: true } => ("is inherited.", "Drop it on the table it comes from."),
            { IsReplicaIdentity: true } => (
                "is the replica identity: without it updates could not be published.",
                "Choose another one first: `ALTER TABLE ... REPLICA IDENTITY`."
            ),
            { Dependents: [var dependent, ..] } => ($"is needed by {dependent}.", "Drop or change that first."),
            _ => null,
        };
        if (objection is { } refused)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"the {constraint.KindName} {constraint.Name} of {table.Schema}.{table.Name} {refused.What}",
                    refused.Remedy
                )
            );
            return [];
        }

        string indexToo = constraint.Kind is 'p' or 'u' or 'x'
            ? " Its index goes with it: what reads by it will read more, and ON CONFLICT on its columns fails."
            : "";
        draft.Hazards.Add(
            new Hazard(
                "constraint-use",
                $"Without the {constraint.KindName} {constraint.Name} rows may come that break it, and it "
                    + $"cannot be added again before they are mended.{indexToo}"
            )
        );
        Steps steps = new(table);
        draft.Drift.ExpectBehindGate(constraint.FingerprintLine);
        PlannedConstraint named = PlannedConstraint.Named(table.Sql, constraint.Name);
        DdlStep drop = steps.DropConstraint(
            $"contract/constraint-{constraint.Name}",
            $"drop {constraint.KindName} {constraint.Name}",
            named
        ) with
        {
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.All([
                        named.Exists,
                        Conditions.Not(PlannedConstraint.ProvenOrNot(table.Sql, constraint).Exists),
                    ])
                ),
                $"the constraint {constraint.Name} of {table.Schema}.{table.Name} differs from the one "
                    + "in the plan. Check which one you want to drop"
            ),
        };
        if (
            constraint.Parent is { } parentName
            && await draft.FindAsync(parentName, operation.Title) is { } parent
            && parent.Oid != table.Oid
        )
        {
            drop = drop with
            {
                PatientLocks =
                [
                    .. drop.PatientLocks,
                    .. When(parent.CanLock, () => Locks.Statement(parent.Sql, Locks.ShareUpdateExclusive)),
                ],
                Locks = [.. drop.Locks, .. parent.CanLock ? Locks.Statements(parent, Locks.AccessExclusive) : []],
                Impact = drop.Impact with
                {
                    Locks = [.. drop.Impact.Locks, .. Locks.OnAll(parent, Locks.AccessExclusive)],
                },
            };
        }

        return
        [
            new StagedStep(
                StageName.Switch,
                steps.Gate(
                    $"switch/constraint-{constraint.Name}",
                    $"wait until no code relies on {constraint.Name}",
                    new GateCondition(
                        GateEvidence.NotUsed,
                        [$"{constraint.KindName} {constraint.Name} of {table.Name}"]
                    )
                    {
                        Relation = table.Sql,
                    }
                )
            ),
            new StagedStep(StageName.Contract, drop with { Impact = drop.Impact with { Reversible = false } }),
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> RenameAsync(RenameConstraint operation)
    {
        if (await FindAsync(operation, operation.Name) is not { } found)
        {
            return [];
        }

        (Table table, ExistingConstraint constraint) = found;
        if (constraint.IsInherited)
        {
            draft.Refused.Add(
                new Problem(
                    operation.Title,
                    $"the {constraint.KindName} {constraint.Name} of {table.Schema}.{table.Name} is inherited.",
                    "Rename it on the table it comes from."
                )
            );
            return [];
        }

        ObjectNames names = await draft.NamesAsync(table);
        if (!(constraint.Kind is 'p' or 'u' or 'x' ? names.TakeBoth(operation.To) : names.TakeConstraint(operation.To)))
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: to",
                    $"{table.Schema}.{table.Name}, or its schema, already has an object named {operation.To}.",
                    "Choose another name."
                )
            );
            return [];
        }

        draft.Drift.Expect(constraint.FingerprintLine);
        draft.Hazards.Add(
            Hazard.Danger(
                "constraint-name",
                $"A statement that names the constraint (ON CONFLICT ON CONSTRAINT {constraint.Name}), "
                    + "and code that reads the name in an error, must use the new name from then on."
            )
        );
        Steps steps = new(table);
        DdlStep Rename(string id, string from, string to) =>
            steps.Exclusive(
                id,
                $"rename {constraint.KindName} {from} to {to}",
                [$"ALTER TABLE {table.Sql} RENAME CONSTRAINT {Sql.Name(from)} TO {Sql.Name(to)}"]
            ) with
            {
                Applied = Conditions.Query(
                    Conditions.All([
                        PlannedConstraint.Existing(table.Sql, constraint with { Name = to }).Exists,
                        Conditions.Not(PlannedConstraint.Existing(table.Sql, constraint with { Name = from }).Exists),
                    ])
                ),
                Obstacle = new Obstacle(
                    Conditions.Query(
                        Conditions.All([
                            PlannedConstraint.Named(table.Sql, from).Exists,
                            PlannedConstraint.Named(table.Sql, to).Exists,
                        ])
                    ),
                    $"{table.Schema}.{table.Name} has both {from} and {to}; one of them was created "
                        + "after the change was planned. Rename or drop that one"
                ),
            };
        string id = $"enforce/constraint-{constraint.Name}/rename";
        return
        [
            new StagedStep(
                StageName.Enforce,
                Rename(id, constraint.Name, operation.To) with
                {
                    Undo = [Rename($"{id}/undo", operation.To, constraint.Name)],
                }
            ),
        ];
    }

    private static CreateIndex IndexOf(AddExclusion operation) =>
        new()
        {
            Table = operation.Table,
            Method = operation.Method,
            Columns = [.. operation.Elements.Select(element => element.Part)],
            Include = operation.Include,
            Where = operation.Where,
        };

    /// <summary>Begins with EXCLUDE.</summary>
    public static string Clause(AddExclusion operation)
    {
        string include = operation.Include.Count > 0 ? $" INCLUDE ({Sql.Names(operation.Include)})" : "";
        string where = operation.Where is { } condition ? $" WHERE {Sql.Parenthesised(condition)}" : "";
        string deferrable = operation.Deferrable
            ? $" DEFERRABLE{(operation.InitiallyDeferred ? " INITIALLY DEFERRED" : "")}"
            : "";
        IEnumerable<string> elements = operation.Elements.Select(element =>
            $"{IndexProbe.Part(element.Part)} WITH {element.Operator}"
        );
        return $"EXCLUDE USING {Sql.Name(operation.Method)} ({string.Join(", ", elements)})"
            + $"{include}{where}{deferrable}";
    }

    private async Task<(Table Table, ExistingConstraint Constraint)?> FindAsync(TableOperation operation, string name)
    {
        if (await draft.OwnedAsync(operation.Table, operation.Title) is not { } table)
        {
            return null;
        }

        IReadOnlyList<ExistingConstraint> all = await ExistingConstraint.OfAsync(draft.Connection, table, draft.Cancel);
        if (all.FirstOrDefault(each => each.Name == name) is { } constraint)
        {
            return draft.Claim(ClaimKind.Constraint, $"{table.Schema}.{table.Name} {name}", operation)
                ? (table, constraint)
                : null;
        }

        draft.Invalid.Add(
            new Problem(
                $"{operation.Title}: name",
                $"{table.Schema}.{table.Name} has no constraint {name}.",
                all.Count == 0
                    ? "The table has no constraints."
                    : $"It has {string.Join(", ", all.Select(each => each.Name))}."
            )
        );
        return null;
    }

    private async Task<bool> IsIndexedAsync(Table table, IReadOnlyList<string> columns) =>
        draft
            .Change.Operations.OfType<TableOperation>()
            .Where(each => each.Table.Name == table.Name)
            .SelectMany(each => each.Creates.OfType<Creation.Index>())
            .Any(index => index.BeginsWith(columns))
        || await draft.Connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1::oid AND i.indpred IS NULL AND i.indisvalid
                AND i.indnkeyatts >= cardinality($2)
              AND (SELECT count(*) FROM unnest((i.indkey::int2[])[0:cardinality($2) - 1]) AS key(attnum)
                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
                       AND a.attname = ANY ($2)) = cardinality($2))
            """,
            draft.Cancel,
            (long)table.Oid,
            columns.ToArray()
        );
}
