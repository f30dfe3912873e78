using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary><c>backfill</c>, and the repair of rows that violate a constraint.</summary>
internal sealed class BackfillPlanning(Draft draft)
{
    private readonly RowTargets _targets = new(draft);

    /// <summary>Operations on one table that follow each other share a pass if they can.</summary>
    public async Task<IReadOnlyList<StagedStep>> PlanAsync(IReadOnlyList<BackfillRows> run)
    {
        if (
            run.Count > 1
            && await CatalogReader.FindAsync(draft.Connection, run[0].Table, draft.Cancel) is { } table
            && await new SharedPass(draft, table).OfAsync(run) is { } together
        )
        {
            return await PlanAsync(
                together.Operation,
                _targets.IdOf(run[0]),
                run[0].Title,
                readsItself: together.ReadsItself
            );
        }

        List<StagedStep> steps = [];
        foreach (BackfillRows operation in run)
        {
            steps.AddRange(await PlanAsync(operation, _targets.IdOf(operation), operation.Title));
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
        if (await _targets.FindAsync(operation, title, "UPDATE", table => table.UpdateRules) is not { } table)
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

        Warn(table);
        RowPass done = await PassAsync(table, operation, assignments!, id);
        return
        [
            .. BeforeFirstWrite(table, assignments!, id, mends, readsItself ?? assignments!.ReadsItself),
            .. RowRoad.Passes(table, done),
            .. !assignments!.IsVolatile
                ? RowRoad.Proof(
                    table,
                    done,
                    StageName.Verify,
                    $"verify/{id}",
                    $"no row of {table.Name} remains that the assignments would change"
                )
                : [],
        ];
    }

    private void Warn(Table table)
    {
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
        draft.Hazards.AddRange(RowRoad.FiredTriggers(table, trigger => trigger.OnUpdate));
    }

    private async Task<RowPass> PassAsync(Table table, BackfillRows operation, Assignments assignments, string id)
    {
        string columns = string.Join(", ", operation.Set.Keys);
        RowWork work = new()
        {
            Statement = (of, condition) => $"UPDATE {of}\nSET {assignments.Clause}\nWHERE {condition}",
            Needs = assignments.Needs,
            Once = assignments.IsBestComputedOnce ? assignments.Once(Sql.Name(table.Name)) : null,
            IsLeft = assignments.Needs,
            Fires = trigger => trigger.OnUpdate,
            InOnePass = assignments.IsVolatile,
            ByOne = assignments.IsVolatile,
        };
        bool moves = (await CatalogReader.PartitionKeysAsync(draft.Connection, table, draft.Cancel)).Any(key =>
            !table.Columns.Contains(key) || operation.Set.ContainsKey(key)
        );
        return new RowPass(
            StageName.Backfill,
            $"backfill/{id}",
            $"write {columns} of {table.Name} in small batches",
            work,
            assignments.Reads
        )
        {
            ByRoot = moves,
        };
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
        return await new RowTrial(draft.Connection, table, draft.Time).ObjectionAsync(title, [tried], draft.Cancel);
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
}
