using System.Text;
using System.Text.RegularExpressions;
using Segue.Planning;
using Segue.PostgreSql.Ledger;
using Segue.Testing;

namespace Segue.Cli.Tests.Rendering;

/// <summary>
/// Step titles, gates and hazards of a plan of each kind on a real server, so that a change of their words is seen in
/// review.
/// </summary>
public sealed partial class PlanWordsTests
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

            text.AppendJoin(
                    "",
                    plan.Hazards.Select(hazard =>
                        $"hazard: {Counted().Replace(hazard.Message, "<what the server counted>")}\n"
                    )
                )
                .Append('\n');
        }

        Golden.ShouldMatch(text.ToString(), "plan-words.txt");
    }

    /// <summary>
    /// The ledger belongs to the engine, which must be free to alter its tables: a plan states its wishes as data.
    /// Functions that a plan creates in the ledger's schema are the plan's own.
    /// </summary>
    [Fact]
    public async Task No_statement_or_question_of_a_plan_is_about_the_ledger()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.ExecuteAsync(EveryKind.Setup);
        IReadOnlyList<string> parts = await db.ColumnAsync(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'segue'::regnamespace UNION SELECT proname::text "
                + "FROM pg_proc WHERE pronamespace = 'segue'::regnamespace"
        );
        parts.ShouldContain("step");

        // The one function that a plan's triggers call: what it does with a row is the ledger's business.
        parts = [.. parts.Where(part => part != OldWriteSchema.Name)];
        foreach (string operation in EveryKind.Operations)
        {
            string plan = PlanJson.Canonical(await db.PlannedAsync($"operations:\n  - {operation}"));
            parts
                .Where(part =>
                    Regex.IsMatch(plan, $"\\bsegue\\W{{1,4}}{Regex.Escape(part)}\\b", RegexOptions.None, Patience)
                )
                .ShouldBeEmpty(operation);
        }
    }

    /// <summary>The server counts what this test did, sooner or later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [GeneratedRegex(
        "(It was neither read nor written since|Since) the server's statistics .*",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Counted();

    private static string Words(Step step) =>
        $"  {step.Title}\n"
        + (step is GateStep gate ? $"    waits for {gate.WaitsFor}\n" : "")
        + string.Concat(step.Undo.Select(undo => $"    undo: {undo.Title}\n"));
}
