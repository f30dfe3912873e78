using Npgsql;
using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// An object that is not a table and that running code, or a subscriber, relies on: a publication's tables, a
/// membership, a setting of new sessions. Its loss is reported in its own words.
/// </summary>
/// <param name="Key">With its value, if a change of the value is reported as well.</param>
/// <param name="Parent">The key of the object that it belongs to: they are reported together.</param>
/// <param name="IsToldWhenNew">It is also reported when it appears.</param>
/// <param name="Amount">A decrease is reported.</param>
internal sealed record Reliance(
    string Key,
    string Parent,
    BreakageKind Kind,
    string What,
    bool IsToldWhenNew,
    double Amount
)
{
    public static Reliance Read(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            Enum.Parse<BreakageKind>(row.GetString(2)),
            row.GetString(3),
            row.GetBoolean(4),
            row.GetDouble(5)
        );

    public static IEnumerable<Breakage> Lost(CatalogFacts before, CatalogFacts after)
    {
        bool IsThere(CatalogFacts facts, string parent) =>
            parent.Length == 0 || facts.Things.ContainsKey(parent) || facts.Reliances.ContainsKey(parent);

        IEnumerable<Reliance> lost = before.Reliances.Values.Where(old =>
            IsThere(after, old.Parent)
            && (!after.Reliances.TryGetValue(old.Key, out Reliance? now) || now.Amount < old.Amount)
        );
        IEnumerable<Reliance> added = after.Reliances.Values.Where(now =>
            now.IsToldWhenNew && IsThere(before, now.Parent) && !before.Reliances.ContainsKey(now.Key)
        );
        return lost.Concat(added)
            .OrderBy(each => each.Key, StringComparer.Ordinal)
            .Select(each => new Breakage(each.Kind, each.What));
    }
}
