using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Running;

/// <summary>What a decision about a change would do, from its plan, for the person who confirms it.</summary>
internal static class Consequences
{
    public static string OfCompleting(Plan plan)
    {
        Step[] steps = [.. plan.Steps(StageName.Contract)];
        string gate = plan.Steps().OfType<GateStep>().FirstOrDefault() is { } waiting
            ? $"The gate waits for {waiting.WaitsFor.TrimEnd('.')}. "
            : "";
        string runs = steps.Length == 0 ? "" : $"Then it runs: {string.Join("; ", steps.Select(Words))}. ";
        bool canReturn = steps.Length > 0 && steps.All(step => step.Undo.Count > 0);
        return $"{gate}{runs}Afterwards there is no rollback{(canReturn ? ", except while that is kept" : "")}.";
    }

    /// <param name="records">The steps of the plan, in the ledger.</param>
    public static string OfRollingBack(Plan plan, IReadOnlyList<StepRecord> records)
    {
        HashSet<string> begun =
        [
            .. records
                .Where(record => record.State is not (StepState.Pending or StepState.Undone))
                .Select(record => record.Id),
        ];
        Step[] steps = [.. plan.Steps().Where(step => begun.Contains(step.Id)).Reverse()];
        string[] undone = [.. steps.SelectMany(step => step.Undo).Select(undo => undo.Title)];
        string[] stays = [.. steps.OfType<BackfillStep>().Where(IsForGood).Select(step => step.Title)];
        string runs = undone.Length == 0 ? "" : $"It runs: {string.Join("; ", undone)}. ";
        bool onlyRestores = steps.Where(step => step.Undo.Count > 0).All(step => step.Retains is not null);
        string lost = undone.Length == 0 || onlyRestores ? "" : "What apps wrote to the new shape is lost. ";
        return stays.Length == 0
            ? $"{runs}{lost}".TrimEnd()
            : $"{runs}{lost}What was done to rows stays: {string.Join("; ", stays)}.";
    }

    private static string Words(Step step) =>
        step switch
        {
            { Retains: { } kept } => $"{step.Title} (kept for {Plain.Duration(TimeSpan.FromSeconds(kept.Seconds))}, "
                + "and a rollback restores it until then)",
            BackfillStep fill when IsForGood(fill) => $"{step.Title} (it cannot be undone)",
            _ => step.Title,
        };

    private static bool IsForGood(BackfillStep step) => !step.Impact.Reversible;
}
