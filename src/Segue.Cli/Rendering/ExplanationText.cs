using Segue.Engines;
using Segue.Planning;

namespace Segue.Cli.Rendering;

/// <summary>What a statement would do, for a person.</summary>
internal sealed class ExplanationText(Sheet sheet)
{
    public void Write(StatementEffect effect)
    {
        sheet.Line(Verdict(effect));
        foreach (RelationLock held in effect.Locks)
        {
            sheet.Field(2, "locks", $"{held.Relation} {held.Mode}, {Blocked(held.Blocks)}");
        }

        foreach (RelationWork work in effect.Work)
        {
            sheet.Field(2, "works", $"{work.Relation}: {work.Does}, about {Plain.Duration(TimeSpan.FromSeconds(work.Estimate.Seconds))} for its {work.Estimate.Rows:N0} rows, {Plain.Bytes(work.Estimate.Bytes)} ({work.Estimate.Basis})");
        }

        if (effect.Calls.Count > 0)
        {
            sheet.Field(2, "calls", $"{string.Join(", ", effect.Calls)}: what that does is not known before it runs");
        }

        if (effect.Dependents.Count > 0)
        {
            sheet.Field(2, "known to", string.Join(", ", effect.Dependents));
        }

        if (effect.SafeRoad is { } road)
        {
            sheet.Field(2, "instead", road);
        }
    }

    private static (string, Ink) Verdict(StatementEffect effect) => effect switch
    {
        { IsHarmful: true } => ("Harmful: apps wait for as long as it works.", Ink.Bad),
        { BlocksAnything: true, Work.Count: 0 } => ("Short: the catalog alone is touched. But while it waits for its lock, all that come after it wait as well.", Ink.Warning),
        { Calls.Count: > 0 } => ("What it does by itself blocks nobody; what it calls may do anything.", Ink.Warning),
        { Work.Count: > 0 } => ("It works beside the apps.", Ink.Good),
        _ => ("It blocks nobody.", Ink.Good),
    };

    private static string Blocked(Blocks blocks) => blocks switch
    {
        Blocks.ReadsAndWrites => "blocks reads and writes",
        Blocks.Writes => "blocks writes",
        _ => "blocks no app",
    };
}
