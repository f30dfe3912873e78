using System.Xml.Linq;
using Segue.Cli.Rendering;
using Segue.Planning;

namespace Segue.Cli.Demo.Report;

/// <summary>The plan: every statement that ran, and its undo.</summary>
internal sealed class PlanSection(Plan plan)
{
    public IEnumerable<XElement> Draw()
    {
        int number = 0;
        foreach (Stage stage in plan.Stages)
        {
            yield return Markup.Tag("h3", Text.SnakeCase(stage.Name));
            foreach (Step step in stage.Steps)
            {
                yield return Markup.Tag(
                    "details",
                    Markup.Tag(
                        "summary",
                        $"{++number}. {step.Title}",
                        Markup.Tag("span", StepText.Blocked(step, plan.Limits))
                    ),
                    step.Accept(new Work()),
                    Locks(step),
                    Undo(step)
                );
            }
        }
    }

    private sealed class Work : IStepVisitor<IEnumerable<XElement>>
    {
        public IEnumerable<XElement> Ddl(DdlStep step) => [Sql([.. Statements.Of(step)])];

        public IEnumerable<XElement> Online(OnlineStep step) => [Sql([.. Statements.Of(step)])];

        public IEnumerable<XElement> Backfill(BackfillStep step) =>
            step.Targets.SelectMany(target =>
                new[]
                {
                    Said(
                        $"{target.Relation}, by ranges of blocks ($1 to $2), each in "
                            + $"{target.Passes.Count} passes, so that rows stay on their pages:"
                    ),
                    Sql(target.Passes.Count > 1 ? [target.FillPart, target.FillRest] : [target.FillRest]),
                }
            );

        public IEnumerable<XElement> Verify(VerifyStep step)
        {
            VerifyCheck[] together = step.Counts is null ? [] : [.. step.Checks.Where(check => !check.WholeTable)];
            IEnumerable<VerifyCheck> alone = step.Checks.Except(together);
            return
            [
                .. together.Select(check => Said($"{check.Relation}: {check.Claim}")),
                .. step.Counts is { } counts ? [Sql([counts])] : Array.Empty<XElement>(),
                .. alone.SelectMany(check => new[] { Said($"{check.Relation}: {check.Claim}"), Sql([check.Query]) }),
            ];
        }

        public IEnumerable<XElement> Gate(GateStep step) => [Said($"Waits for: {step.WaitsFor}")];
    }

    private static IEnumerable<XElement> Locks(Step step) =>
        step.Impact.Locks.Select(held => Said($"Lock on {held.Relation}: {held.Mode}"));

    private static IEnumerable<XElement> Undo(Step step)
    {
        string[] statements = [.. step.Undo.SelectMany(Statements.Of)];
        return statements.Length == 0 ? [] : [Said("Undone by:"), Sql(statements)];
    }

    private static XElement Said(string text) => Markup.Tag("p", text);

    private static XElement Sql(IReadOnlyList<string> statements) =>
        Markup.Tag(
            "pre",
            string.Join(
                "\n\n",
                statements.Select(statement => $"{statement.ReplaceLineEndings("\n").Trim().TrimEnd(';')};")
            )
        );
}
