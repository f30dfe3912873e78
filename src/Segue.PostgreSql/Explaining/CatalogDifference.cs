using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>What running code loses by a statement, according to the catalog before and after it.</summary>
/// <param name="nameOf">A relation's name for people, e.g. <c>public.orders</c>.</param>
/// <param name="ownerOf">For a copy, the owner of its table.</param>
internal sealed class CatalogDifference(
    CatalogFacts before,
    CatalogFacts after,
    Func<RelationFacts, string> nameOf,
    Func<RelationFacts, string> ownerOf
)
{
    public IReadOnlyList<Breakage> Breaks()
    {
        RelationDifference relations = new(before, after, nameOf, ownerOf);
        Finding[] found =
        [
            // The sequences of a copy have other names, and are dropped only with it.
            .. before
                .Relations.Values.Where(each => each.Kind != 'S' || !each.IsTemporary)
                .OrderBy(each => each.Oid)
                .SelectMany(relations.Breaks),
            .. new ConstraintDifference(before, after, nameOf).Breaks(),
            .. Things(),
            .. new TriggerDifference(before, after, nameOf).Breaks(),
            .. new SequenceDifference(before, after, nameOf)
                .Breaks()
                .Concat(Reliance.Lost(before, after))
                .Select(each => new Finding(0, "", each)),
        ];
        return
        [
            .. found
                .Where(each => !IsToldOfParent(found, each.Relation, each.Detail))
                .Select(each => each.Breakage)
                .DistinctBy(each => each.What),
        ];
    }

    /// <summary>Columns whose type changes.</summary>
    public IReadOnlyList<string> Retyped() =>
        [
            .. from old in before.Columns.Values
            where HasOtherType(old, after) && before.Relations.ContainsKey(old.Relation)
            orderby old.Relation, old.Number
            select $"{nameOf(before.Relations[old.Relation])}.{PlainName.Of("", old.Name)}",
        ];

    public static bool HasOtherType(ColumnFacts old, CatalogFacts after) =>
        after.Columns.TryGetValue((old.Relation, old.Number), out ColumnFacts? now)
        && (now.TypeId, now.Modifier) != (old.TypeId, old.Modifier);

    /// <summary>The schema is not renamed: what was in it and now is not has moved.</summary>
    public static bool KeepsName(CatalogFacts before, CatalogFacts after, string schema) =>
        before.Things.Values.Any(each =>
            each.Kind == "schema" && each.Name == schema && after.Things.GetValueOrDefault(each.Key)?.Name == schema
        );

    /// <summary>Changes of a root apply to its partitions as well: they are reported once.</summary>
    private bool IsToldOfParent(Finding[] found, long relation, string detail) =>
        before.Relations.TryGetValue(relation, out RelationFacts? facts)
        && facts.Parents.Any(parent =>
            found.Any(other => other.Relation == parent && other.Detail == detail)
            || IsToldOfParent(found, parent, detail)
        );

    private IEnumerable<Finding> Things()
    {
        foreach (ThingFacts old in before.Things.Values.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!after.Things.TryGetValue(old.Key, out ThingFacts? now))
            {
                yield return Finding.Of(
                    BreakageKind.TakesName,
                    $"it drops the {old.Kind} {old.FullName}: code that uses it fails"
                );
                continue;
            }

            bool hasMoved = now.Schema != old.Schema && KeepsName(before, after, old.Schema);
            if (now.Name != old.Name || hasMoved)
            {
                yield return Finding.Of(
                    BreakageKind.TakesName,
                    $"it renames the {old.Kind} {old.FullName} to {(hasMoved ? now.FullName : now.Name)}: "
                        + "code that uses the old name fails"
                );
            }

            if (now.Narrows.Length > 0 && old.Narrows.Length == 0)
            {
                yield return Finding.Of(BreakageKind.Narrows, $"the {old.Kind} {old.FullName} changes: {now.Narrows}");
            }

            foreach (Finding lost in Finding.LostRights(old.Rights, now.Rights, $"{old.Kind} {old.FullName}"))
            {
                yield return lost;
            }
        }
    }
}
