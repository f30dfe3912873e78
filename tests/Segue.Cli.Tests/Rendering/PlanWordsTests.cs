using System.Text;
using Segue.Planning;
using Segue.Testing;

namespace Segue.Cli.Tests.Rendering;

/// <summary>
/// Step titles, gates and hazards of a plan of each kind on a real server, so that a change of their words is seen in
/// review.
/// </summary>
public sealed class PlanWordsTests
{
    [Fact]
    public async Task Titles_gates_and_hazards_of_every_kind_read_as_reviewed()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.ExecuteAsync(EveryKind.Setup);
        StringBuilder text = new();
        foreach (string operation in EveryKind.Operations)
        {
            Plan plan = await db.PlannedAsync($"operations:\n  - {operation}");
            text.Append("## ").Append(operation).Append('\n');
            foreach (Stage stage in plan.Stages)
            {
                text.Append(Text.SnakeCase(stage.Name)).Append('\n');
                text.AppendJoin("", stage.Steps.Select(Words));
            }

            text.AppendJoin("", plan.Hazards.Select(hazard => $"hazard: {hazard.Message}\n")).Append('\n');
        }

        Golden.ShouldMatch(text.ToString(), "plan-words.txt");
    }

    private static string Words(Step step) =>
        $"  {step.Title}\n"
        + (step is GateStep gate ? $"    waits for {gate.WaitsFor}\n" : "")
        + string.Concat(step.Undo.Select(undo => $"    undo: {undo.Title}\n"));
}
