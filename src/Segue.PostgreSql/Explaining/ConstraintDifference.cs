using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>Writes that constraints and unique indexes begin to reject, and their names that code may use.</summary>
/// <param name="nameOf">A relation's name for people.</param>
internal sealed class ConstraintDifference(CatalogFacts before, CatalogFacts after, Func<RelationFacts, string> nameOf)
{
    public IEnumerable<Finding> Breaks() =>
        [
            .. after
                .Constraints.Values.Where(each => !each.IsRoots)
                .OrderBy(each => each.Oid)
                .Select(Compared)
                .OfType<Finding>(),
            .. NewlyUnique(),
            .. NoLongerUnique(),
        ];

    private Finding? Compared(ConstraintFacts now) =>
        before.Constraints.TryGetValue(now.Oid, out ConstraintFacts? old) ? Renamed(old, now)
        : now.Kind == 'c' && before.Things.TryGetValue($"type {now.Domain}", out ThingFacts? domain) && now.Domain > 0
            ? Finding.Of(
                BreakageKind.Narrows,
                $"the domain {domain.FullName} gets the CHECK {PlainName.Of("", now.Name)}: values that violate it "
                    + "are rejected"
            )
        : Added(now);

    private Finding? Renamed(ConstraintFacts old, ConstraintFacts now) =>
        old.Name != now.Name
        && now.Kind is 'u' or 'p' or 'x'
        && before.Relations.TryGetValue(now.Relation, out RelationFacts? at)
            ? Finding.Of(
                BreakageKind.TakesName,
                $"it renames the constraint {PlainName.Of("", old.Name)} of {nameOf(at)} to "
                    + $"{PlainName.Of("", now.Name)}: ON CONFLICT ON CONSTRAINT with the old name fails"
            )
            : null;

    private Finding? Added(ConstraintFacts now) =>
        before.Relations.TryGetValue(now.Relation, out RelationFacts? table)
        && IsAboutOld(now.Relation, now.Columns)
        && !IsCreatedAgain(now)
        && Refused(now) is { } refused
            ? Finding.Of(
                BreakageKind.Narrows,
                now.Relation,
                $"constraint {now.Name}",
                $"{nameOf(table)} gets {refused}"
            )
            : null;

    private static string? Refused(ConstraintFacts constraint) =>
        constraint.Kind switch
        {
            'c' => $"the CHECK {PlainName.Of("", constraint.Name)}: rows that violate it are rejected",
            'f' => $"the foreign key {PlainName.Of("", constraint.Name)}: rows without a parent are rejected, and "
                + "parents that have rows cannot be deleted",
            'x' => $"the exclusion constraint {PlainName.Of("", constraint.Name)}: rows that conflict with another "
                + "are rejected",
            _ => null,
        };

    /// <summary>
    /// When a column's type changes, the server drops and recreates the constraints that depend on it.
    /// </summary>
    private bool IsCreatedAgain(ConstraintFacts now) =>
        before.Columns.Values.Any(HasOtherType)
        && before.Constraints.Values.Any(old =>
            !after.Constraints.ContainsKey(old.Oid)
            && (old.Relation, old.Name, old.Kind) == (now.Relation, now.Name, now.Kind)
            && old.Columns.SequenceEqual(now.Columns)
        );

    private bool HasOtherType(ColumnFacts old) => CatalogDifference.HasOtherType(old, after);

    private IEnumerable<Finding> NewlyUnique()
    {
        HashSet<(long, string)> was = KeysOf(before);
        foreach (IndexFacts now in Unique(after))
        {
            if (
                before.Relations.TryGetValue(now.Relation, out RelationFacts? table)
                && IsAboutOld(now.Relation, now.Columns)
                && !was.Contains((now.Relation, now.Key))
            )
            {
                yield return Finding.Of(
                    BreakageKind.Narrows,
                    now.Relation,
                    $"unique {now.Key}",
                    $"the index {PlainName.Of("", now.Name)} makes rows of {nameOf(table)} unique: a second "
                        + "row with the same key is rejected"
                );
            }
        }
    }

    private IEnumerable<Finding> NoLongerUnique()
    {
        HashSet<(long, string)> remains = KeysOf(after);
        foreach (IndexFacts old in Unique(before))
        {
            if (
                after.Relations.ContainsKey(old.Relation)
                && before.Relations.TryGetValue(old.Relation, out RelationFacts? table)
                && !remains.Contains((old.Relation, old.Key))
            )
            {
                yield return Finding.Of(
                    BreakageKind.TakesName,
                    old.Relation,
                    $"no longer unique {old.Key}",
                    $"the unique index {PlainName.Of("", old.Name)} of {nameOf(table)} is dropped: INSERT ... ON "
                        + "CONFLICT that relies on it fails"
                );
            }
        }
    }

    private static IEnumerable<IndexFacts> Unique(CatalogFacts facts) =>
        facts.Indexes.Values.Where(each => each.IsUnique).OrderBy(each => each.Oid);

    private static HashSet<(long, string)> KeysOf(CatalogFacts facts) =>
        [.. Unique(facts).Select(each => (each.Relation, each.Key))];

    /// <summary>A constraint of new columns alone rejects nothing from code that does not use them.</summary>
    private bool IsAboutOld(long relation, short[] columns) =>
        columns.Length == 0 || columns.Any(column => column == 0 || before.Columns.ContainsKey((relation, column)));
}
