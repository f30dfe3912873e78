namespace Segue.Planning;

/// <summary>
/// What a plan does to which tables in what order, with which locks, gates, expressions and undo: what people approve.
/// It is the same for the same change on two databases, whatever their size, owners, partitions, settings, search path
/// and minor server version. What runs on one of them is the plan.
/// </summary>
public sealed record PlanShape
{
    /// <summary>What the change asks for, an operation each.</summary>
    public required IReadOnlyList<string> Operations { get; init; }

    /// <summary>In the order they run.</summary>
    public required IReadOnlyList<ShapeStep> Steps { get; init; }

    /// <summary>Plans of older formats do not hold what the change asks for.</summary>
    private const int FirstFormat = 3;

    /// <summary>The shape of a plan.</summary>
    public static PlanShape Of(Plan plan) =>
        new()
        {
            Operations = [.. plan.Operations.Select(operation => operation.Asks)],
            Steps =
            [
                .. plan.Stages.SelectMany(stage =>
                    Folded(plan, stage.Steps.Select(step => Of(plan, stage.Name, step)))
                ),
            ],
        };

    /// <summary>
    /// SHA-256 of a plan's shape, as lowercase hex. Null for a plan that was stored in a format before 3, which does
    /// not hold the operations.
    /// </summary>
    public static string? HashOf(Plan plan) => plan.Format >= FirstFormat ? Of(plan).Hash() : null;

    /// <summary>
    /// The version of the content that the hash covers. It is raised when that content changes, so that an approval of
    /// an older version is recognised.
    /// </summary>
    public int Version { get; init; } = 1;

    /// <summary>SHA-256 of its canonical JSON, as lowercase hex.</summary>
    public string Hash() => PlanJson.Hash(this);

    private static ShapeStep Of(Plan plan, StageName? stage, Step step) =>
        new()
        {
            Stage = stage,
            Kind = PlanJson.KindOf(step),
            Operations = step.Operations,
            Locks =
            [
                .. step
                    .Impact.Locks.Select(held => held with { Relation = RootOf(plan, step, held.Relation) })
                    .Distinct()
                    .OrderBy(held => held.Relation, StringComparer.Ordinal)
                    .ThenBy(held => held.Mode, StringComparer.Ordinal),
            ],
            Cost = step.Impact.Cost,
            Reversible = step.Impact.Reversible,
            OfPartition = LocksPartition(plan, step),
            Gate = (step as GateStep)?.Policy,
            KeptSeconds = step.Retains?.Seconds,
            Undo = [.. Folded(plan, step.Undo.Select(undo => Of(plan, null, undo)))],
        };

    private static bool LocksPartition(Plan plan, Step step) =>
        step.Impact.Locks.Any(held => plan.Partitions.ContainsKey(held.Relation));

    /// <summary>An index of a partition, say, has a name of its own: it is nothing of the table's shape.</summary>
    private static string RootOf(Plan plan, Step step, string relation) =>
        plan.Partitions.TryGetValue(relation, out string? root) ? root
        : !LocksPartition(plan, step)
        || plan.Partitions.Values.Contains(relation)
        || plan.Fingerprint.Any(line => line.StartsWith($"table {relation} ", StringComparison.Ordinal))
            ? relation
        : "(part of a partition)";

    /// <summary>What is done to each partition is done to the table once.</summary>
    private static IEnumerable<ShapeStep> Folded(Plan plan, IEnumerable<ShapeStep> steps)
    {
        HashSet<string> seen = [];
        return steps.Where(step => plan.Partitions.Count == 0 || !step.OfPartition || seen.Add(step.ToString()));
    }
}
