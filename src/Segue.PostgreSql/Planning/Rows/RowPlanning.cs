using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// The roads of <c>backfill</c> and <c>prune</c>: in batches, then a second pass over every row, then a proof if the
/// condition does not depend on time.
/// </summary>
internal sealed class RowPlanning(Draft draft)
{
    /// <summary>Operations on one table that follow each other share a pass if they can.</summary>
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(IReadOnlyList<BackfillRows> run)
    {
        if (
            run.Count > 1
            && await CatalogReader.FindAsync(draft.Connection, run[0].Table, draft.Cancel) is { } table
            && await new SharedPass(draft, table).OfAsync(run) is { } together
        )
        {
            return await PlanAsync(together.Operation, IdOf(run[0]), run[0].Title, readsItself: together.ReadsItself);
        }

        List<StagedStep> steps = [];
        foreach (BackfillRows operation in run)
        {
            steps.AddRange(await PlanAsync(operation, IdOf(operation), operation.Title));
        }

        return steps;
    }

    /// <summary>Rows that violate a constraint.</summary>
    /// <param name="id">Begins the steps' ids.</param>
    /// <param name="title">Begins each problem.</param>
    public Task<IReadOnlyList<StagedStep>> RepairAsync(BackfillRows operation, string id, string title) =>
        PlanAsync(operation, id, title, mends: true);

    /// <param name="mends">A written row must not satisfy the condition any more.</param>
    /// <param name="readsItself">Whether assigned values depend on old ones; null: as the expressions show.</param>
    private async Task<IReadOnlyList<StagedStep>> PlanAsync(
        BackfillRows operation,
        string id,
        string title,
        bool mends = false,
        bool? readsItself = null
    )
    {
        if (await TargetAsync(operation, title, "UPDATE", table => table.UpdateRules) is not { } table)
        {
            return [];
        }

        TableCopy copy = await draft.CopyAsync(table, title, isWhole: true);
        Assignments? assignments = await new AssignmentProbe(draft.Connection, table, copy, operation).AskAsync(
            draft.Cancel
        );
        await draft.DropAsync(copy);
        if (draft.HasProblems)
        {
            return [];
        }

        Idempotence once = new(draft.Connection, table, assignments!, draft.Columns.GetValueOrDefault(table.Oid, []));
        if (
            (
                await TrialAsync(table, operation, assignments!, title)
                ?? await once.ObjectionAsync(title, draft.Cancel)
            ) is
            { } objection
        )
        {
            draft.Refused.Add(objection);
            return [];
        }

        draft.Hazards.Add(
            Hazard.Danger(
                "not-taken-back",
                $"Overwritten values of {table.Name} are not kept: a rollback leaves the new ones."
            )
        );
        draft.Hazards.Add(
            Hazard.Notice(
                "later-rows",
                $"Rows of {table.Name} that a running app writes after the scan has passed are not "
                    + "corrected. The run reports their number. Run the same backfill in a new change once "
                    + "no running version writes the old form."
            )
        );
        draft.Hazards.AddRange(FiredTriggers(table, trigger => trigger.OnUpdate));
        string columns = string.Join(", ", operation.Set.Keys);
        RowWork work = new()
        {
            Statement = (of, condition) => $"UPDATE {of}\nSET {assignments!.Clause}\nWHERE {condition}",
            Needs = assignments!.Needs,
            Once = assignments.IsBestComputedOnce ? assignments.Once(Sql.Name(table.Name)) : null,
            IsLeft = assignments.Needs,
            Fires = trigger => trigger.OnUpdate,
            InOnePass = assignments.IsVolatile,
            ByOne = assignments.IsVolatile,
        };
        bool moves = (await CatalogReader.PartitionKeysAsync(draft.Connection, table, draft.Cancel)).Any(key =>
            !table.Columns.Contains(key) || operation.Set.ContainsKey(key)
        );
        Work done = new(
            StageName.Backfill,
            $"backfill/{id}",
            $"write {columns} of {table.Name} in small batches",
            work,
            assignments.Reads
        )
        {
            ByRoot = moves,
        };
        return
        [
            .. BeforeFirstWrite(table, assignments, id, mends, readsItself ?? assignments.ReadsItself),
            .. Road(table, done),
            .. !assignments.IsVolatile
                ? Proof(
                    table,
                    done,
                    StageName.Verify,
                    $"verify/{id}",
                    $"no row of {table.Name} remains that the assignments would change"
                )
                : [],
        ];
    }

    public async Task<IReadOnlyList<StagedStep>> PlanAsync(PruneRows operation)
    {
        if (await TargetAsync(operation, operation.Title, "DELETE", table => table.DeleteRules) is not { } table)
        {
            return [];
        }

        Table? archive = operation.Archive is { } name
            ? await draft.FindAsync(name, $"{operation.Title}: archive")
            : null;
        draft.Refused.AddRange(
            archive is null ? [] : await LackingAsync(archive, "INSERT", $"{operation.Title}: archive")
        );
        if (
            archive is not null
            && (table.AllRelations().Contains(archive.Sql) || archive.AllRelations().Contains(table.Sql))
        )
        {
            draft.Invalid.Add(
                new Problem(
                    $"{operation.Title}: archive",
                    $"rows of {archive.Schema}.{archive.Name} are rows of {table.Schema}.{table.Name} "
                        + "too: the prune would delete them again.",
                    "Name another table."
                )
            );
        }

        if (draft.HasProblems)
        {
            return [];
        }

        if (archive is not null && draft.Columns.ContainsKey(table.Oid))
        {
            draft.Invalid.Add(
                new Problem(
                    operation.Title,
                    $"the same change adds columns to {table.Name}, but not to the archive.",
                    "Split them into two changes, one after the other."
                )
            );
            return [];
        }

        TableCopy copy = await draft.CopyAsync(table, operation.Title, isWhole: true);
        Pruning? asked = await new PruningProbe(draft.Connection, table, copy, operation, archive).AskAsync(
            draft.Cancel
        );
        await draft.DropAsync(copy);
        if (draft.HasProblems || asked is not { } pruning)
        {
            return [];
        }

        draft.Hazards.Add(
            Hazard.Danger(
                "not-taken-back",
                archive is null
                    ? $"Deleted rows of {table.Name} cannot be restored. With `archive` Segue would keep "
                        + "them in another table."
                    : $"A rollback does not bring rows back from {archive.Name}."
            )
        );
        draft.Hazards.Add(
            Hazard.Notice(
                "later-rows",
                $"Rows of {table.Name} that satisfy the condition only after Segue has checked them are "
                    + "kept: prune again to delete them."
            )
        );
        draft.Hazards.AddRange(FiredTriggers(table, trigger => trigger.OnDelete));
        IReadOnlyList<ReferencingKey> keys = await ReferencingKey.OfAsync(draft.Connection, table, draft.Cancel);
        PruneOrder order = new(draft.Connection, draft.Change, table);
        ReferencingKey[] own = [.. keys.Where(each => each.Forbids && each.Table == table.Sql)];
        if (
            (
                Refusals.OfSelfReference(table, own, operation.Title)
                ?? await order.ObjectionAsync(operation, draft.Cancel)
            ) is
            { } objection
        )
        {
            draft.Refused.Add(objection);
            return [];
        }

        pruning = own is [var key] ? pruning with { Self = new SelfReference(table, key, pruning.Condition) } : pruning;
        draft.Hazards.AddRange(keys.Except(own).Select(each => each.Hazard(table)));
        ReferencingKey[] forbidding =
        [
            .. keys.Where(each =>
                each is { Forbids: true, IsIndexed: true, IsReadable: true } && each.Table != table.Sql
            ),
        ];
        IReadOnlyList<string> prunedBefore = await order.BeforeAsync(operation, draft.Cancel);
        RowWork work = new()
        {
            Statement = pruning.Statement,
            Needs = pruning.Condition,
            IsLeft = pruning.Condition,
            Fires = trigger => trigger.OnDelete,
            InOnePass = true,
            // Two sessions would wait for each other if rows of their ranges have common descendants.
            ByOne = pruning.Self is not null,
            RowLock = "FOR UPDATE",
        };
        string id = IdOf(operation);
        Work done = new(
            StageName.Contract,
            $"contract/{id}",
            $"delete rows of {table.Name} in small "
                + $"batches{(archive is null ? "" : $", keeping them in {archive.Name}")}",
            work,
            pruning.Reads
        )
        {
            Writes = archive is null ? [] : Locks.OnAll(archive, Locks.RowExclusive),
            Obstacle = archive is null ? null : pruning.MoreColumns(archive.Name),
        };
        IEnumerable<ReferencingKey> pending = forbidding.Where(each => !prunedBefore.Contains(each.Table));
        VerifyCheck[] before = [new Proofs(table).IsTold(pruning.Condition), .. Kept(table, pruning, pending, "apply")];
        VerifyCheck[] kept = [.. Kept(table, pruning, forbidding, "complete")];
        string claim = $"no row of {table.Name} remains that the condition selects";
        return
        [
            MayGo(table, pruning, before, forbidding, (StageName.Verify, $"verify/{id}-may-go")),
            new StagedStep(
                StageName.Switch,
                new Steps(table).Gate(
                    $"switch/{id}",
                    $"wait until no code needs the rows of {table.Name}",
                    new GateCondition(GateEvidence.RowsNotNeeded, [table.Name])
                    {
                        Condition = operation.Where,
                        Relation = table.Sql,
                    }
                )
            ),
            .. When(
                kept.Length > 0,
                () => MayGo(table, pruning, kept, forbidding, (StageName.Contract, $"contract/{id}-referenced"))
            ),
            .. Road(table, done),
            .. pruning.MovesWithClock ? [] : Proof(table, done, StageName.Contract, $"contract/{id}-done", claim),
        ];
    }

    /// <summary>Columns that do not exist yet cannot be tested.</summary>
    private async Task<Problem?> TrialAsync(Table table, BackfillRows operation, Assignments assignments, string title)
    {
        if (assignments.IsVolatile || draft.Columns.GetValueOrDefault(table.Oid, []).Count > 0)
        {
            return null;
        }

        string values = $"num_nulls({string.Join(", ", operation.Set.Values.Select(Sql.Parenthesised))})";
        string tried = operation.Where is { } where
            ? $"CASE WHEN {Sql.Parenthesised(where)} THEN {values} END"
            : values;
        return await new RowTrial(draft.Connection, table).ObjectionAsync(title, [tried], draft.Cancel);
    }

    /// <summary>
    /// A row that a second run would change again is found before the first one is written: an interrupted fill, or a
    /// second pass, would change it twice.
    /// </summary>
    private static IEnumerable<StagedStep> BeforeFirstWrite(
        Table table,
        Assignments assignments,
        string id,
        bool mends,
        bool readsItself
    )
    {
        Proofs proofs = new(table);
        VerifyCheck[] checks =
        [
            .. readsItself || mends
                ?
                [
                    proofs.IsDoneOnce(assignments.IsLeftOnceWritten(Sql.Name(table.Name), mends), mends) with
                    {
                        CallsVolatile = assignments.IsVolatile,
                    },
                ]
                : Array.Empty<VerifyCheck>(),
            .. mends
                ? assignments.NeverNull.Select(column => proofs.HasValue(column, assignments.LeavesEmpty(column)))
                : [],
        ];
        if (checks.Length > 0)
        {
            yield return new StagedStep(
                StageName.Backfill,
                proofs.Step(
                    $"backfill/{id}-once",
                    $"check whether a second run would change a row of {table.Name} again",
                    checks,
                    assignments.Reads.Select(relation => Locks.On(relation, Locks.AccessShare))
                )
            );
        }
    }

    /// <summary>
    /// Before the gate, and once more before the first row is deleted: rows that a foreign key protects, or for which
    /// the condition raises an error.
    /// </summary>
    private static StagedStep MayGo(
        Table table,
        Pruning pruning,
        IReadOnlyList<VerifyCheck> checks,
        IEnumerable<ReferencingKey> keys,
        (StageName Stage, string Id) at
    )
    {
        IEnumerable<string> reads = pruning.Reads.Concat(keys.Select(key => key.Relation)).Distinct();
        VerifyStep step = new Proofs(table).Step(
            at.Id,
            $"check for rows of {table.Name} that cannot be deleted",
            checks,
            reads.Select(relation => Locks.On(relation, Locks.AccessShare))
        );
        return new StagedStep(at.Stage, step);
    }

    private static IEnumerable<VerifyCheck> Kept(
        Table table,
        Pruning pruning,
        IEnumerable<ReferencingKey> keys,
        string again
    )
    {
        Proofs proofs = new(table);
        return
        [
            .. keys.Select(key =>
                proofs.MayGo(key.Name, key.Relation, $"{pruning.Condition} AND {key.Refers(table)}", again)
            ),
            .. When(pruning.Self, self => proofs.MayGoBelow(self.Name, self.StaysBehind, again)),
        ];
    }

    /// <summary>Distinguishes several of one change.</summary>
    private string IdOf(Operation operation)
    {
        int before = draft
            .Change.Operations.TakeWhile(each => !ReferenceEquals(each, operation))
            .Count(each => each is BackfillRows or PruneRows);
        return before == 0 ? "rows" : $"rows-{before + 1}";
    }

    /// <summary>
    /// The whole table, then all of it again: an app may move a row from before the scan to behind it.
    /// </summary>
    private static IEnumerable<StagedStep> Road(Table table, Work work)
    {
        RowStatements rows = new(table, work.Rows);
        BackfillStep Of(string id, string title, IReadOnlyList<BackfillTarget> targets) =>
            new()
            {
                Id = new Steps(table).IdOf(id),
                Title = title,
                Targets = targets,
                Impact = new Impact
                {
                    Locks =
                    [
                        .. targets.Any(target => target.Relation == table.Sql)
                            ? Locks.OnAll(table, Locks.RowExclusive)
                            : table
                                .AllRelations()
                                .Select(relation =>
                                    Locks.On(
                                        relation,
                                        targets.Any(target => target.Relation == relation)
                                            ? Locks.RowExclusive
                                            : Locks.AccessShare
                                    )
                                ),
                        .. work.Writes,
                        .. work.Reads.Select(relation => Locks.On(relation, Locks.AccessShare)),
                    ],
                    Cost = Cost.Batches,
                    Reversible = false,
                },
                Estimate = Estimates.Fill(table),
                Obstacle = work.Obstacle,
            };
        BackfillTarget again = rows.For(table.Sql, table.Size, table.FillFactor) with { Passes = InPlace.OnePass };
        yield return new StagedStep(work.Stage, Of(work.Id, work.Title, work.ByRoot ? [again] : rows.ForAll()));
        yield return new StagedStep(
            work.Stage,
            Of($"{work.Id}/sweep", $"second pass: check every row of {table.Name} again", [again]) with
            {
                IsSweep = true,
                Estimate = Estimates.Scan(table),
            }
        );
    }

    /// <summary>Rows that an app wrote meanwhile are processed as well, once.</summary>
    private static IEnumerable<StagedStep> Proof(Table table, Work work, StageName stage, string id, string claim)
    {
        Proofs proofs = new(table);
        VerifyStep proof = proofs.Step(
            id,
            "third pass: check every row once more",
            [proofs.Left(claim, work.Rows.IsLeft)],
            work.Reads.Select(relation => Locks.On(relation, Locks.AccessShare))
        );
        yield return new StagedStep(
            stage,
            proof with
            {
                RepairedBy = new Steps(table).IdOf($"{work.Id}/sweep"),
                IsMoving = true,
            }
        );
    }

    private static IEnumerable<Hazard> FiredTriggers(Table table, Func<UserTrigger, bool> fires)
    {
        string[] names = [.. table.Triggers.Where(fires).Select(trigger => trigger.Name)];
        return names.Length == 0
            ? []
            :
            [
                new Hazard(
                    "user-triggers-fire",
                    $"These triggers of {table.Name} fire for it: {string.Join(", ", names)}. Check "
                        + "that this is harmless."
                ),
            ];
    }

    private async Task<Table?> TargetAsync(
        TableOperation operation,
        string title,
        string right,
        Func<Table, IReadOnlyList<string>> rules
    )
    {
        if (await draft.FindAsync(operation.Table, title) is not { } table)
        {
            return null;
        }

        draft.Refused.AddRange([
            .. Refusals.OfRows(table, title),
            .. When(Refusals.OfRules(table, right, rules(table), title)),
            .. await LackingAsync(table, right, title),
        ]);
        return draft.Refused.Count > 0 ? null : table;
    }

    private async Task<IEnumerable<Problem>> LackingAsync(Table table, string right, string where) =>
        await draft.Connection.ScalarAsync<bool>(
            "SELECT has_table_privilege($1::oid, 'SELECT') AND has_table_privilege($1::oid, $2)",
            draft.Cancel,
            (long)table.Oid,
            right
        )
            ? []
            :
            [
                new Problem(
                    where,
                    $"our role may not {right.ToLowerInvariant()} rows of {table.Schema}.{table.Name}.",
                    $"`GRANT SELECT, {right} ON {table.Sql} TO {Sql.Name(draft.Server.Role)}`."
                ),
            ];

    /// <param name="Id">Begins the steps' ids.</param>
    /// <param name="Reads">Other relations that its expressions read.</param>
    private sealed record Work(StageName Stage, string Id, string Title, RowWork Rows, IReadOnlyList<string> Reads)
    {
        public IReadOnlyList<RelationLock> Writes { get; init; } = [];

        /// <summary>Objects that must not exist when it begins.</summary>
        public Obstacle? Obstacle { get; init; }

        /// <summary>Rows may move to another partition, which only a statement on the root allows.</summary>
        public bool ByRoot { get; init; }
    }
}
