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
            Shape = PlanShape.HashOf(here) == PlanShape.HashOf(there) ? [] : [.. OfShape(here, there)],
            Plan = PlanJson.Hash(here) == PlanJson.Hash(there) ? [] : [.. OfPlan(here, there)],
        };

    private static IEnumerable<string> OfShape(Plan here, Plan there)
    {
        PlanShape ours = PlanShape.Of(here);
        PlanShape theirs = PlanShape.Of(there);
        if (!ours.Operations.SequenceEqual(theirs.Operations))
        {
            yield return "The changes ask for different things. "
                + $"Here: {Titles(here, theirs)}. There: {Titles(there, ours)}.";
        }
        else if (Stages(here).Contains(StageName.Backfill) != Stages(there).Contains(StageName.Backfill))
        {
            yield return "A table is small on one side, where one short transaction does everything, and large on the "
                + "other. With `staged: true` in the change file both take the road of a large table.";
        }

        string[] own = [.. ours.Steps.Select(step => step.ToString())];
        string[] others = [.. theirs.Steps.Select(step => step.ToString())];
        string[] onlyHere = [.. ours.Steps.Where((_, i) => !others.Contains(own[i])).Select(Words)];
        string[] onlyThere = [.. theirs.Steps.Where((_, i) => !own.Contains(others[i])).Select(Words)];
        foreach (string sentence in onlyHere.Select(step => $"Only here: {step}."))
        {
            yield return sentence;
        }

        foreach (string sentence in onlyThere.Select(step => $"Only there: {step}."))
        {
            yield return sentence;
        }

        if (onlyHere.Length + onlyThere.Length == 0 && !own.SequenceEqual(others))
        {
            yield return "The same steps come in another order, or not as often.";
        }
    }

    private static IEnumerable<string> OfPlan(Plan here, Plan there)
    {
        (string What, object Here, object There)[] facts =
        [
            ("The engine", here.Engine, there.Engine),
            ("The server's major version", here.ServerVersion, there.ServerVersion),
            ("The change file", here.ChangeHash, there.ChangeHash),
            ("The search path", string.Join(", ", here.SearchPath), string.Join(", ", there.SearchPath)),
            ("The limits", here.Limits, there.Limits),
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
            .. Lines("Steps", Steps(here), Steps(there)),
        ];
    }

    private static string Value(Plan plan, string setting) => plan.Settings.GetValueOrDefault(setting) ?? "not set";

    /// <summary>A step with what it runs: two of one id can differ in that alone.</summary>
    private static IEnumerable<string> Steps(Plan plan) =>
        plan.Steps().Select(step => $"{step.Id} ({PlanJson.Hash(step)[..8]})");

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

    private static string Words(ShapeStep step)
    {
        IEnumerable<string> parts =
        [
            $"{Text.SnakeCase(step.Stage!.Value)}, {step.Kind}, {Text.SnakeCase(step.Cost)}",
            .. step.Locks.Select(held => $"{held.Mode} on {held.Relation}"),
            .. step.Gate?.Conditions.Select(condition => $"waits for {condition.Says}") ?? [],
            .. step.Undo.Count == 0 ? [] : new[] { $"{step.Undo.Count} steps undo it" },
        ];
        return string.Join(", ", parts);
    }
}
