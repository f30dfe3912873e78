using Segue.Engines;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Explaining;

/// <summary>Sequences that repeat values, or run out of them.</summary>
internal sealed class SequenceDifference(CatalogFacts before, CatalogFacts after, Func<RelationFacts, string> nameOf)
{
    public IEnumerable<Breakage> Breaks() =>
        from old in before.Sequences.Values
        orderby old.Oid
        let now = after.Sequences.GetValueOrDefault(old.Oid)
        where now is not null
        from breakage in Compare(old, now)
        select breakage;

    private IEnumerable<Breakage> Compare(SequenceFacts old, SequenceFacts now)
    {
        string name = NameOf(old);
        bool turns = Math.Sign(old.Increment) != Math.Sign(now.Increment);
        if (turns)
        {
            yield return new Breakage(
                BreakageKind.Narrows,
                $"{name} counts in the other direction: running code gets values that were used before, "
                    + "and inserts fail as duplicates"
            );
        }

        if (!turns && GivesAgain(old, now) is { } next)
        {
            yield return new Breakage(
                BreakageKind.Narrows,
                $"{name} goes back to {next}: running code gets values that were used before, and "
                    + "inserts fail as duplicates"
            );
        }

        bool endsEarlier = now.Increment > 0 ? now.Max < old.Max : now.Min > old.Min;
        if (endsEarlier && !turns)
        {
            yield return new Breakage(
                BreakageKind.Narrows,
                $"{name} ends at {(now.Increment > 0 ? now.Max : now.Min)}, earlier than before: then "
                    + "it returns no more values"
            );
        }

        if (old.Cycles && !now.Cycles)
        {
            yield return new Breakage(
                BreakageKind.Narrows,
                $"{name} no longer cycles: at its end it returns no more values"
            );
        }

        if (now.Cycles && !old.Cycles)
        {
            yield return new Breakage(
                BreakageKind.Changes,
                $"{name} begins to cycle: at its end it returns values that were used before"
            );
        }
    }

    /// <summary>The next value, if it was used already.</summary>
    private long? GivesAgain(SequenceFacts old, SequenceFacts now)
    {
        if (
            !before.Positions.TryGetValue(old.Oid, out SequencePosition? was)
            || !after.Positions.TryGetValue(old.Oid, out SequencePosition? @is)
        )
        {
            return null;
        }

        // Wider than the values, which may be at the end of their type.
        Int128 given = was.IsGiven ? was.Value : (Int128)was.Value - old.Increment;
        Int128 next = @is.IsGiven ? (Int128)@is.Value + now.Increment : @is.Value;
        bool isAgain = now.Increment > 0 ? next <= given : next >= given;
        return isAgain && next >= long.MinValue && next <= long.MaxValue ? (long)next : null;
    }

    private string NameOf(SequenceFacts sequence) =>
        before.Relations.TryGetValue(sequence.Table, out RelationFacts? table)
            ? $"the identity {nameOf(table)}.{PlainName.Of("", sequence.Column)}"
            : $"the sequence {nameOf(before.Relations[sequence.Oid])}";
}
