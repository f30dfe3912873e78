using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Rows;

/// <summary>
/// In batches, then a second pass over every row, then a proof if the condition does not depend on time.
/// </summary>
internal static class RowRoad
{
    /// <summary>
    /// The whole table, then all of it again: an app may move a row from before the scan to behind it.
    /// </summary>
    public static IEnumerable<StagedStep> Passes(Table table, RowPass work)
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
                    Locks = [.. TableLocks(table, targets), .. work.Writes, .. OfReads(work)],
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
    public static IEnumerable<StagedStep> Proof(Table table, RowPass work, StageName stage, string id, string claim)
    {
        Proofs proofs = new(table);
        VerifyStep proof = proofs.Step(
            id,
            "third pass: check every row once more",
            [proofs.Left(claim, work.Rows.IsLeft)],
            OfReads(work)
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

    public static IEnumerable<Hazard> FiredTriggers(Table table, Func<UserTrigger, bool> fires)
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

    private static IEnumerable<RelationLock> TableLocks(Table table, IReadOnlyList<BackfillTarget> targets) =>
        targets.Any(target => target.Relation == table.Sql)
            ? Locks.OnAll(table, Locks.RowExclusive)
            : table
                .AllRelations()
                .Select(relation =>
                    Locks.On(
                        relation,
                        targets.Any(target => target.Relation == relation) ? Locks.RowExclusive : Locks.AccessShare
                    )
                );

    private static IEnumerable<RelationLock> OfReads(RowPass work) =>
        work.Reads.Select(relation => Locks.On(relation, Locks.AccessShare));
}

/// <param name="Id">Begins the steps' ids.</param>
/// <param name="Reads">Other relations that its expressions read.</param>
internal sealed record RowPass(StageName Stage, string Id, string Title, RowWork Rows, IReadOnlyList<string> Reads)
{
    public IReadOnlyList<RelationLock> Writes { get; init; } = [];

    /// <summary>Objects that must not exist when it begins.</summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>Rows may move to another partition, which only a statement on the root allows.</summary>
    public bool ByRoot { get; init; }
}
