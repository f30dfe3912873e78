using Segue.Engines;
using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>The effects of a statement, for a person.</summary>
internal sealed class ExplanationText(Sheet sheet)
{
    public void Write(StatementEffect effect)
    {
        sheet.Line(Verdict(effect));
        foreach (Breakage breakage in effect.Breaks)
        {
            sheet.Field(2, Label(breakage.Kind), breakage.What, Ink.Bad);
        }

        foreach (RelationLock held in effect.Locks)
        {
            sheet.Field(
                2,
                "locks",
                $"{held.Relation} {held.Mode}, {Blocked(held.Blocks)}{StepText.Reaching(held.Reach)}"
            );
        }

        WriteRows(effect);
        foreach (string cascade in effect.Cascades)
        {
            sheet.Field(2, "cascades", cascade, Ink.Warning);
        }

        foreach (string code in effect.Unknown)
        {
            sheet.Field(2, "unknown", code, Ink.Bad);
        }

        WriteSurroundings(effect);
    }

    private void WriteRows(StatementEffect effect)
    {
        foreach (RelationWork work in effect.Work)
        {
            sheet.Field(
                2,
                "works",
                $"{work.Relation}: {work.Does}, about "
                    + $"{Plain.Duration(TimeSpan.FromSeconds(work.Estimate.Seconds))} for its "
                    + $"{work.Estimate.Rows:N0} rows, {Plain.Bytes(work.Estimate.Bytes)} ({work.Estimate.Basis})"
            );
        }

        foreach (RowsWritten rows in effect.Writes)
        {
            string seconds = Plain.Duration(TimeSpan.FromSeconds(rows.Estimate.Seconds));
            sheet.Field(
                2,
                "writes",
                $"{rows.Relation}: {rows.Does} about {rows.Estimate.Rows:N0} rows in one transaction, "
                    + $"about {seconds} and {Plain.Bytes(rows.Estimate.Bytes)} of WAL ({rows.Estimate.Basis}); "
                    + "each row stays locked until it "
                    + $"ends{(rows.Does == "locks" ? "" : ", and the old versions stay in the table until a vacuum")}"
            );
        }
    }

    private void WriteSurroundings(StatementEffect effect)
    {
        if (effect.Calls.Count > 0)
        {
            sheet.Field(2, "calls", $"{string.Join(", ", effect.Calls)}: its effects are not known before it runs");
        }

        if (effect.Retyped.Count > 0)
        {
            sheet.Field(
                2,
                "prepared",
                $"statements prepared before it that return {string.Join(", ", effect.Retyped)} fail "
                    + "afterwards (cached plan must not change result type)",
                Ink.Warning
            );
        }

        if (effect.Dependents.Count > 0)
        {
            sheet.Field(2, "used by", string.Join(", ", effect.Dependents));
        }

        if (effect.SafeRoad is { } road)
        {
            sheet.Field(2, "instead", road);
        }
    }

    private static (string, Ink) Verdict(StatementEffect effect) =>
        effect switch
        {
            { Breaks.Count: > 0 } => (Broken(effect), Ink.Bad),
            { WorksWhileAppsWait: true } => ("Harmful: apps wait while it works.", Ink.Bad),
            { HoldsRowsLong: true } => ("Harmful: apps that need one of its rows wait until all are written.", Ink.Bad),
            { Unknown.Count: > 0 } => ("Unknown: it runs code with unknown effects, which is not tried.", Ink.Bad),
            { BlocksAnything: true, Work.Count: 0 } => (
                "Fast: catalog only. But while it waits for its lock, all later statements on the table wait as well.",
                Ink.Warning
            ),
            { Calls.Count: > 0 } => (
                "The statement itself blocks no app; the code it calls may do anything.",
                Ink.Warning
            ),
            { Work.Count: > 0 } => ("Apps keep working meanwhile.", Ink.Good),
            _ => ("It blocks no app.", Ink.Good),
        };

    private static string Broken(StatementEffect effect)
    {
        string[] does =
        [
            .. effect.Breaks.Any(each => each.Kind == BreakageKind.TakesName)
                ? ["running code loses a name"]
                : Array.Empty<string>(),
            .. effect.Breaks.Any(each => each.Kind == BreakageKind.Narrows)
                ? ["rows that running code may write are refused"]
                : Array.Empty<string>(),
            .. effect.Breaks.Any(each => each.Kind == BreakageKind.LosesData)
                ? ["data is lost"]
                : Array.Empty<string>(),
            .. effect.Breaks.Any(each => each.Kind == BreakageKind.Changes)
                ? ["what running code relies on changes"]
                : Array.Empty<string>(),
            .. effect.WorksWhileAppsWait ? ["apps wait while it works"] : Array.Empty<string>(),
        ];
        return $"Harmful: {string.Join("; ", does)}.";
    }

    private static string Label(BreakageKind kind) =>
        kind switch
        {
            BreakageKind.TakesName => "breaks",
            BreakageKind.Narrows => "narrows",
            BreakageKind.Changes => "changes",
            _ => "loses",
        };

    private static string Blocked(Blocks blocks) =>
        blocks switch
        {
            Blocks.ReadsAndWrites => "blocks reads and writes",
            Blocks.Writes => "blocks writes",
            _ => "blocks no app",
        };
}
