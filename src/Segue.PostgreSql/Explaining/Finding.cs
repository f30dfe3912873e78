using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>A breakage, and where it was found.</summary>
/// <param name="Relation">The relation; 0 if it is reported whatever is found of the relation's parents.</param>
/// <param name="Detail">A key that a root and its partitions share.</param>
internal sealed record Finding(long Relation, string Detail, Breakage Breakage)
{
    public static Finding Of(BreakageKind kind, string what) => new(0, "", new Breakage(kind, what));

    public static Finding Of(BreakageKind kind, long relation, string detail, string what) =>
        new(relation, detail, new Breakage(kind, what));

    public static IEnumerable<Finding> LostRights(string[] old, string[] now, string thing) =>
        old.SequenceEqual(now)
            ? []
            : AccessRights
                .Lost(old, now)
                .Select(lost => Of(BreakageKind.TakesName, $"it takes {lost.Rights} on the {thing} from {lost.Role}"));
}
