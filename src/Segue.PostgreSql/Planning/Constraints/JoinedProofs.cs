using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// CHECKs and NOT NULLs of one table that a change proves in the same stage: all are added unproven, and then one scan
/// proves them. Separately each would read the whole table. A foreign key is compared with its parent by a separate
/// query, and gains nothing.
/// </summary>
internal static class JoinedProofs
{
    public static IReadOnlyList<StagedStep> Of(IEnumerable<StagedStep> planned)
    {
        StagedStep[] steps = [.. planned];
        List<StagedStep> joined = [.. steps];
        IEnumerable<OnlineStep[]> together = steps.GroupBy(each => (each.Stage, TableOf(each.Step))).Select(Proofs);
        foreach (OnlineStep[] proofs in together.Where(proofs => proofs.Length > 1))
        {
            // The step that adds a constraint comes before the step that proves it, and needs nothing between the first
            // proof and itself.
            OnlineStep[] later = proofs[1..];
            DdlStep[] adding = [.. later.Select(proof => Before(joined, proof)).OfType<DdlStep>()];
            joined.RemoveAll(each => later.Contains(each.Step) || adding.Contains(each.Step));
            int first = joined.FindIndex(each => each.Step == proofs[0]);
            StageName stage = joined[first].Stage;
            joined[first] = new StagedStep(stage, Together(proofs));
            joined.InsertRange(first, adding.Select(step => new StagedStep(stage, step)));
        }

        return joined;
    }

    private static OnlineStep[] Proofs(IEnumerable<StagedStep> steps) =>
        [.. steps.Select(each => each.Step).OfType<OnlineStep>().Where(step => step.Proves is not null)];

    private static string? TableOf(Step step) => step.Impact.Locks is [var first, ..] ? first.Relation : null;

    private static Step? Before(List<StagedStep> steps, OnlineStep proof)
    {
        int at = steps.FindIndex(each => each.Step == proof);
        bool follows = at > 0 && steps[at].Stage == StageName.Enforce && TableOf(steps[at - 1].Step) == TableOf(proof);
        return follows ? steps[at - 1].Step : null;
    }

    private static OnlineStep Together(IReadOnlyList<OnlineStep> proofs)
    {
        string[] what = [.. proofs.Select(proof => proof.Title["prove ".Length..])];
        return proofs[0] with
        {
            Id = $"{proofs[0].Id}+{proofs.Count - 1}",
            Title = $"prove {string.Join(", ", what[..^1])} and {what[^1]}",
            Statement = string.Join(
                ",\n  VALIDATE CONSTRAINT ",
                proofs.Skip(1).Select(proof => proof.Proves).Prepend(proofs[0].Statement)
            ),
            Applied = $"SELECT {string.Join("\n   AND ", proofs.Select(proof => $"({proof.Applied})"))}",
            Proves = null,
            Operations = [.. proofs.SelectMany(proof => proof.Operations).Distinct().Order()],
            Parts = proofs,
        };
    }
}
