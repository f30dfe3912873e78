using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>The safe alternative, in a sentence.</summary>
internal static class SafeRoads
{
    private const string Gated =
        "`sql` with `waits_for` runs it behind the gate, when no running code needs what it removes.";

    /// <param name="kinds">Change kinds by the difference that the statement makes.</param>
    public static string? Of(StatementText text, IReadOnlyList<string> kinds, IReadOnlyList<Breakage> breaks)
    {
        string[] all = [.. kinds.Concat(ByForm(text)).Distinct()];
        string? sentence = all switch
        {
            [] => null,
            [var one] => $"The change kind `{one}` does it in steps that hold locks only briefly.",
            _ => $"The change kinds {string.Join(", ", all[..^1].Select(kind => $"`{kind}`"))} and "
                + $"`{all[^1]}` do it in steps that hold locks only briefly.",
        };
        bool isOnlyGated =
            all.Length == 0 && !text.Begins("lock") && breaks.Any(each => each.Kind != BreakageKind.Narrows);
        return isOnlyGated ? Gated : sentence;
    }

    /// <summary>For work on rows and indexes that leaves the catalog unchanged.</summary>
    private static IEnumerable<string> ByForm(StatementText text) =>
        text.Begins("update") ? ["backfill"]
        : text.Begins("delete") || text.Begins("truncate") ? ["prune"]
        : text.Begins("reindex") ? ["reindex"]
        : [];
}
