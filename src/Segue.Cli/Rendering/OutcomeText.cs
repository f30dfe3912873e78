using System.Diagnostics;
using Segue.Execution;
using Segue.Ledger;

namespace Segue.Cli.Rendering;

/// <summary>The outcome of a successful run: its work, the state of the change, the next commands.</summary>
internal sealed class OutcomeText(Sheet sheet, Hints hints)
{
    public void Write(RunOutcome outcome, RunJournal journal)
    {
        string change = journal.Change;
        sheet.Line(
            (change, Ink.Strong),
            ($" {Standing(outcome)}", Ink.Good),
            ($"  ({Plain.Duration(journal.Elapsed)})", Ink.Faint)
        );
        Steps(journal);
        switch (outcome)
        {
            case RunOutcome.WaitingAtGate { Gate: var gate }:
                sheet.Field(2, "waits for", gate.WaitsFor);
                break;
            case RunOutcome.Completed { Afterwards: var afterwards }:
                foreach (string sentence in afterwards)
                {
                    sheet.Field(2, "to do", sentence, Ink.Warning);
                }

                break;
        }

        foreach ((int index, string command) in outcome.Next.Select(hints.Of).Index())
        {
            sheet.Field(2, index == 0 ? "next" : "or", command, Ink.Code);
        }
    }

    private void Steps(RunJournal journal)
    {
        foreach (StageProgress stage in journal.Stages)
        {
            string label = stage.Name;
            foreach (StepProgress step in stage.Steps)
            {
                sheet.Field(2, label, $"{step.Step.Title}: {ProgressWords.Ended(step)}");
                label = "";
            }
        }

        foreach (Finding finding in journal.Findings)
        {
            sheet.Field(2, "verdict", finding.ToString());
        }
    }

    private static string Standing(RunOutcome outcome) =>
        outcome switch
        {
            RunOutcome.Completed => "is completed",
            RunOutcome.RolledBack { Stays.Count: > 0 } rolledBack =>
                $"is rolled back; {string.Join("; ", rolledBack.Stays)}",
            RunOutcome.RolledBack => "is rolled back: nothing of it remains",
            RunOutcome.Purged purged => $"keeps nothing any more: {string.Join(", ", purged.Dropped)} "
                + $"{(purged.Dropped.Count == 1 ? "was" : "were")} dropped permanently",
            RunOutcome.WaitingAtGate => "waits at its gate",
            RunOutcome.StoppedAfter stopped => $"stopped after {Text.SnakeCase(stopped.Stage)}, as requested",
            _ => throw new UnreachableException($"{outcome.GetType()}"),
        };
}
