namespace Segue.Planning;

/// <summary>Where two plans of one change differ, and why, in sentences.</summary>
public sealed record PlanDifference
{
    /// <summary>Differences between the shapes. Empty if the shape is the same.</summary>
    public required IReadOnlyList<string> Shape { get; init; }

    /// <summary>Differences between the databases. Empty if the plans are equal.</summary>
    public required IReadOnlyList<string> Plan { get; init; }

    /// <param name="here">The plan of this database.</param>
    /// <param name="there">The plan that it is compared with.</param>
    public static PlanDifference Between(Plan here, Plan there) =>
        new()
        {
            Shape = [.. OfShape(here, there)],
            Plan = PlanJson.Hash(here) == PlanJson.Hash(there) ? [] : [.. OfPlan(here, there)],
        };

    private static IEnumerable<string> OfShape(Plan here, Plan there)
    {
        if (PlanShape.HashOf(here) is null || PlanShape.HashOf(there) is null)
        {
            int format = Math.Min(here.Format, there.Format);
            return PlanJson.Hash(here) == PlanJson.Hash(there)
                ? []
                :
                [
                    $"One of the plans has format {format}, which does not hold the operations: "
                        + "the shapes cannot be compared.",
                ];
        }

        return PlanShape.HashOf(here) == PlanShape.HashOf(there) ? [] : OfKnownShape(here, there);
    }

    private static IEnumerable<string> OfKnownShape(Plan here, Plan there)
    {
        PlanShape ours = PlanShape.Of(here);
        PlanShape theirs = PlanShape.Of(there);
        bool isSameChange = ours.Operations.SequenceEqual(theirs.Operations);
        if (!isSameChange)
        {
            yield return "The changes ask for different things. "
                + $"Here: {Titles(here, theirs)}. There: {Titles(there, ours)}.";
        }

        if (here.ServerVersion != there.ServerVersion)
        {
            yield return $"The servers' major versions differ: {here.ServerVersion} here, {there.ServerVersion} "
                + "there. Another version may need other steps.";
        }

        if (isSameChange && Stages(here).Contains(StageName.Backfill) != Stages(there).Contains(StageName.Backfill))
        {
            yield return "A table is small on one side, where one short transaction does everything, and large on the "
                + "other. With `staged: true`, in the change file or in segue.yaml, both are changed in stages.";
        }

        string[] onlyHere = [.. Without(ours.Steps, theirs.Steps)];
        string[] onlyThere = [.. Without(theirs.Steps, ours.Steps)];
        foreach (string sentence in onlyHere.Select(step => $"Only here: {step}."))
        {
            yield return sentence;
        }

        foreach (string sentence in onlyThere.Select(step => $"Only there: {step}."))
        {
            yield return sentence;
        }

        if (onlyHere.Length + onlyThere.Length == 0)
        {
            yield return "The same steps run in another order.";
        }
    }

    /// <summary>The steps of the first that the second does not have, or not as often.</summary>
    private static IEnumerable<string> Without(IEnumerable<ShapeStep> steps, IEnumerable<ShapeStep> others)
    {
        List<string> left = [.. others.Select(step => step.ToString())];
        return [.. steps.Where(step => !left.Remove(step.ToString())).Select(Words)];
    }

    private static IEnumerable<string> OfPlan(Plan here, Plan there)
    {
        (string What, object Here, object There)[] facts =
        [
            ("The engine", here.Engine, there.Engine),
            ("The server's major version", here.ServerVersion, there.ServerVersion),
            ("The change file", here.ChangeHash, there.ChangeHash),
            ("The search path", string.Join(", ", here.SearchPath), string.Join(", ", there.SearchPath)),
            ("Limit lockTimeoutMs", here.Limits.LockTimeoutMs, there.Limits.LockTimeoutMs),
            ("Limit holdBudgetMs", here.Limits.HoldBudgetMs, there.Limits.HoldBudgetMs),
            ("Limit patientLockTimeoutMs", here.Limits.PatientLockTimeoutMs, there.Limits.PatientLockTimeoutMs),
            ("Limit batchTargetMs", here.Limits.BatchTargetMs, there.Limits.BatchTargetMs),
            ("Limit rowLockTimeoutMs", here.Limits.RowLockTimeoutMs, there.Limits.RowLockTimeoutMs),
        ];
        IEnumerable<string> told = facts
            .Where(fact => !fact.Here.Equals(fact.There))
            .Select(fact => $"{fact.What}: {fact.Here} here, {fact.There} there.");
        IEnumerable<string> settings = here
            .Settings.Keys.Union(there.Settings.Keys)
            .Order(StringComparer.Ordinal)
            .Where(name => here.Settings.GetValueOrDefault(name) != there.Settings.GetValueOrDefault(name))
            .Select(name => $"Setting {name}: {Value(here, name)} here, {Value(there, name)} there.");
        return
        [
            .. told,
            .. settings,
            .. Lines("Table definitions", here.Fingerprint, there.Fingerprint),
            .. Lines("Partitions", here.Partitions.Keys, there.Partitions.Keys),
            .. Lines("Steps", here.Steps().Select(step => step.Id), there.Steps().Select(step => step.Id)),
            .. Altered(here, there),
        ];
    }

    private static string Value(Plan plan, string setting) => plan.Settings.GetValueOrDefault(setting) ?? "not set";

    private static IEnumerable<string> Altered(Plan here, Plan there)
    {
        Dictionary<string, Step> others = there.Steps().ToDictionary(step => step.Id);
        string[] altered =
        [
            .. here.Steps()
                .Where(step =>
                    others.TryGetValue(step.Id, out Step? other) && PlanJson.Hash(step) != PlanJson.Hash(other)
                )
                .Select(step => step.Id),
        ];
        return altered.Length == 0
            ? []
            : [$"Steps that differ in what they run or lock: {string.Join("; ", altered)}."];
    }

    private static IEnumerable<string> Lines(string what, IEnumerable<string> here, IEnumerable<string> there)
    {
        string[] own = [.. here.Except(there)];
        string[] others = [.. there.Except(here)];
        return
        [
            .. own.Length == 0 ? [] : new[] { $"{what} only here: {string.Join("; ", own)}." },
            .. others.Length == 0 ? [] : new[] { $"{what} only there: {string.Join("; ", others)}." },
        ];
    }

    private static string Titles(Plan plan, PlanShape other)
    {
        string[] titles =
        [
            .. plan
                .Operations.Where(operation => !other.Operations.Contains(operation.Asks))
                .Select(operation => $"`{operation.Title}`"),
        ];
        return titles.Length == 0 ? "nothing else" : string.Join(", ", titles);
    }

    private static StageName[] Stages(Plan plan) => [.. plan.Stages.Select(stage => stage.Name)];

    private static string Words(RelationLock held) =>
        $"{held.Mode} on {held.Relation}"
        + (held.Reach == LockReach.Relation ? "" : $", which reaches the whole {Text.SnakeCase(held.Reach)}");

    private static string Words(ShapeStep step)
    {
        IEnumerable<string> parts =
        [
            $"{Text.SnakeCase(step.Stage!.Value)}, {step.Kind}, {Text.SnakeCase(step.Cost)}",
            .. step.Locks.Select(Words),
            .. step.Gate?.Conditions.Select(condition => $"waits for {condition.Says}") ?? [],
            .. step.Undo.Count == 0
                ? []
                : new[] { step.Undo.Count == 1 ? "a step undoes it" : $"{step.Undo.Count} steps undo it" },
        ];
        return string.Join(", ", parts);
    }
}
