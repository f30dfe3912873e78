using Segue.Changes;
using Segue.Engines;

namespace Segue.Planning.Assembly;

/// <summary>What operations of one change mean for each other.</summary>
internal static class SameChange
{
    /// <summary>Every operation is planned as the tables stand now: none can be about one that another moves.</summary>
    public static IEnumerable<Problem> AboutMoved(PlanDraft draft, IReadOnlyList<PlannedGroup> planned)
    {
        Dictionary<string, PlannedGroup> first = [];
        foreach (PlannedGroup group in planned)
        {
            foreach (string relation in group.Relations)
            {
                if (!first.TryAdd(relation, group) && draft.MoverOf(relation) is { } mover)
                {
                    bool moves = group.Group.Operations.Contains(mover);
                    yield return new Problem(
                        group.Title,
                        $"`{(moves ? first[relation].Title : mover.Title)}` of the same change works on {relation} "
                            + "as well, and each operation is planned for the table as it is now.",
                        "Split them into two changes, one after the other."
                    );
                }
            }
        }
    }

    /// <summary>
    /// Operations that wait for the gate run last. An operation written after one of them may wrongly rely on it.
    /// </summary>
    public static IEnumerable<Hazard> ComingLast(IReadOnlyList<PlannedGroup> planned)
    {
        foreach ((int i, PlannedGroup late) in planned.Index().Where(each => each.Item.WaitsForTheGate))
        {
            string[] earlier =
            [
                .. planned
                    .Skip(i + 1)
                    .Where(other => other.WorksBeforeTheGate(late.Relations))
                    .SelectMany(other => other.Group.Operations.Take(1))
                    .Select(other => $"`{other.Title}`"),
            ];
            if (earlier.Length > 0)
            {
                yield return Hazard.Notice(
                    "comes-last",
                    $"`{late.Title}` waits for the gate. {string.Join(", ", earlier)}, written after it, "
                        + $"{(earlier.Length == 1 ? "runs" : "run")} before it. If an operation needs it to be "
                        + "done first, make two changes."
                );
            }
        }
    }
}
