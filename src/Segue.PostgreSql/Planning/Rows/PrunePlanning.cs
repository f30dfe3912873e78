using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary><c>prune</c>: behind the gate.</summary>
internal sealed class PrunePlanning(Draft draft)
{
    private readonly RowTargets _targets = new(draft);

    public async Task<IReadOnlyList<StagedStep>> PlanAsync(PruneRows operation)
    {
        if (await _targets.FindAsync(operation, operation.Title, "DELETE", table => table.DeleteRules) is not { } table)
        {
            return [];
        }

        Table? archive = operation.Archive is { } name
            ? await draft.FindAsync(name, $"{operation.Title}: archive")
            : null;
        if (
            !await IsArchiveAsync(operation, table, archive)
            || await ProbeAsync(operation, table, archive) is not { } pruning
        )
        {
            return [];
        }

        Warn(table, archive);
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
        return Road(new Pruned(operation, table, archive, pruning), forbidding, prunedBefore);
    }

    /// <param name="forbidding">Foreign keys of other tables that protect rows.</param>
    /// <param name="prunedBefore">Tables whose rows the change deletes before.</param>
    private IReadOnlyList<StagedStep> Road(
        Pruned pruned,
        IReadOnlyList<ReferencingKey> forbidding,
        IReadOnlyList<string> prunedBefore
    )
    {
        (PruneRows operation, Table table, Table? archive, Pruning pruning) = pruned;
        string id = _targets.IdOf(operation);
        RowPass done = Pass(table, pruning, archive, id);
        IEnumerable<ReferencingKey> pending = forbidding.Where(each => !prunedBefore.Contains(each.Table));
        VerifyCheck[] before = [new Proofs(table).IsTold(pruning.Condition), .. Kept(table, pruning, pending, "apply")];
        VerifyCheck[] kept = [.. Kept(table, pruning, forbidding, "complete")];
        string[] reads = [.. pruning.Reads.Concat(forbidding.Select(key => key.Relation)).Distinct()];
        string claim = $"no row of {table.Name} remains that the condition selects";
        return
        [
            MayGo(table, before, reads, (StageName.Verify, $"verify/{id}-may-go")),
            new StagedStep(StageName.Switch, Gate(table, operation, id)),
            .. When(
                kept.Length > 0,
                () => MayGo(table, kept, reads, (StageName.Contract, $"contract/{id}-referenced"))
            ),
            .. RowRoad.Passes(table, done),
            .. pruning.MovesWithClock
                ? []
                : RowRoad.Proof(table, done, StageName.Contract, $"contract/{id}-done", claim),
        ];
    }

    /// <summary>Null, with a problem, if the server rejects the condition.</summary>
    private async Task<Pruning?> ProbeAsync(PruneRows operation, Table table, Table? archive)
    {
        TableCopy copy = await draft.CopyAsync(table, operation.Title, isWhole: true);
        Pruning? asked = await new PruningProbe(draft.Connection, table, copy, operation, archive).AskAsync(
            draft.Cancel
        );
        await draft.DropAsync(copy);
        return draft.HasProblems ? null : asked;
    }

    /// <summary>False, with a problem, if the archive cannot get the rows.</summary>
    private async Task<bool> IsArchiveAsync(PruneRows operation, Table table, Table? archive)
    {
        draft.Refused.AddRange(
            archive is null ? [] : await _targets.LackingAsync(archive, "INSERT", $"{operation.Title}: archive")
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
            return false;
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
            return false;
        }

        return true;
    }

    private void Warn(Table table, Table? archive)
    {
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
        draft.Hazards.AddRange(RowRoad.FiredTriggers(table, trigger => trigger.OnDelete));
    }

    private static RowPass Pass(Table table, Pruning pruning, Table? archive, string id)
    {
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
        return new RowPass(
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
    }

    private static GateStep Gate(Table table, PruneRows operation, string id) =>
        new Steps(table).Gate(
            $"switch/{id}",
            $"wait until no code needs the rows of {table.Name}",
            new GateCondition(GateEvidence.RowsNotNeeded, [table.Name])
            {
                Condition = operation.Where,
                Relation = table.Sql,
            }
        );

    /// <summary>
    /// Before the gate, and once more before the first row is deleted: rows that a foreign key protects, or for which
    /// the condition raises an error.
    /// </summary>
    private static StagedStep MayGo(
        Table table,
        IReadOnlyList<VerifyCheck> checks,
        IEnumerable<string> reads,
        (StageName Stage, string Id) at
    )
    {
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

    /// <summary>What is deleted, and where the rows are kept.</summary>
    private sealed record Pruned(PruneRows Operation, Table Table, Table? Archive, Pruning Pruning);
}
