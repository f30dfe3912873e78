using Segue.Engines;

namespace Segue.PostgreSql.Explaining;

/// <summary>What running code loses of a relation: its name, rows, privileges, row security, columns.</summary>
/// <param name="nameOf">A relation's name for people.</param>
/// <param name="ownerOf">For a copy, the owner of its table.</param>
internal sealed class RelationDifference(
    CatalogFacts before,
    CatalogFacts after,
    Func<RelationFacts, string> nameOf,
    Func<RelationFacts, string> ownerOf
)
{
    private readonly ILookup<long, ColumnFacts> _columns = before.Columns.Values.ToLookup(each => each.Relation);
    private readonly ILookup<long, ColumnFacts> _now = after.Columns.Values.ToLookup(each => each.Relation);

    public IEnumerable<Finding> Breaks(RelationFacts old) =>
        after.Relations.TryGetValue(old.Oid, out RelationFacts? now)
            ?
            [
                .. Renamed(old, now),
                .. Replaced(old, now),
                .. RowSecurity(old, now),
                .. Detached(old, now),
                .. Owned(old, now),
                .. _columns[old.Oid].OrderBy(each => each.Number).SelectMany(column => Column(old, column)),
                .. NewColumns(old),
            ]
            : Dropped(old);

    private IEnumerable<Finding> Dropped(RelationFacts old)
    {
        string name = nameOf(old);
        yield return Finding.Of(BreakageKind.TakesName, $"it drops the {KindOf(old)} {name}: code that names it fails");
        if (old.HoldsRows)
        {
            yield return Finding.Of(BreakageKind.LosesData, $"the rows of {name} are deleted");
        }
    }

    private IEnumerable<Finding> Renamed(RelationFacts old, RelationFacts now)
    {
        if (
            now.Name != old.Name
            || (now.Schema != old.Schema && CatalogDifference.KeepsName(before, after, old.Schema))
        )
        {
            yield return Finding.Of(
                BreakageKind.TakesName,
                $"it renames the {KindOf(old)} {nameOf(old)} to "
                    + $"{PlainName.Of(now.Schema == old.Schema ? "" : now.Schema, now.Name)}: code that uses the old "
                    + "name fails"
            );
        }
    }

    /// <summary>Writes that a rule replaces, or that have lost the replica identity they need.</summary>
    private IEnumerable<Finding> Replaced(RelationFacts old, RelationFacts now)
    {
        string name = nameOf(old);
        foreach (string rule in now.InsteadRules.Except(old.InsteadRules))
        {
            yield return Finding.Of(
                BreakageKind.LosesData,
                old.Oid,
                $"rule {rule}",
                $"writes of running code to {name} are replaced by the rule {PlainName.Of("", rule)}"
            );
        }

        if (old.Kind == 'r' && FailsWithoutIdentity(after, now) && !FailsWithoutIdentity(before, old))
        {
            yield return Finding.Of(
                BreakageKind.Narrows,
                old.Oid,
                "identity",
                $"updates and deletes of {name} fail: it is published with them and has no replica identity"
            );
        }
    }

    private static bool FailsWithoutIdentity(CatalogFacts facts, RelationFacts table) =>
        !table.HasIdentity && facts.Published.Contains(table.Oid);

    private IEnumerable<Finding> RowSecurity(RelationFacts old, RelationFacts now)
    {
        string name = nameOf(old);
        if (old.HasRowSecurity && !now.HasRowSecurity)
        {
            yield return Finding.Of(
                BreakageKind.Changes,
                old.Oid,
                "no row security",
                $"row security of {name} no longer applies: code sees and writes rows that a policy had hidden"
            );
        }

        if (now.HasRowSecurity && old.HasRowSecurity && !now.Policies.SequenceEqual(old.Policies))
        {
            yield return Finding.Of(
                BreakageKind.Narrows,
                old.Oid,
                "policies",
                $"the policies of {name} change: code may see and write other rows"
            );
        }

        if ((now.HasRowSecurity && !old.HasRowSecurity) || (now.IsForced && !old.IsForced))
        {
            yield return Finding.Of(
                BreakageKind.Narrows,
                old.Oid,
                "row security",
                $"row security of {name} begins to apply: code sees and writes only the rows that a policy allows"
            );
        }
    }

    private IEnumerable<Finding> Detached(RelationFacts old, RelationFacts now) =>
        old
            .Parents.Except(now.Parents)
            .Where(after.Relations.ContainsKey)
            .Select(parent =>
                Finding.Of(
                    BreakageKind.TakesName,
                    $"{nameOf(before.Relations[parent])} no longer includes the rows of {nameOf(old)}"
                )
            );

    private IEnumerable<Finding> Owned(RelationFacts old, RelationFacts now)
    {
        string thing = $"{KindOf(old)} {nameOf(old)}";
        return now.Owner == old.Owner ? Finding.LostRights(old.Rights, now.Rights, thing)
            : now.Owner == ownerOf(old) ? []
            :
            [
                Finding.Of(
                    BreakageKind.TakesName,
                    $"the {thing} gets the owner {PlainName.Of("", now.Owner)}: code that runs as "
                        + $"{PlainName.Of("", ownerOf(old))} loses its privileges, unless some are granted"
                ),
            ];
    }

    private IEnumerable<Finding> Column(RelationFacts relation, ColumnFacts old)
    {
        string name = $"{nameOf(relation)}.{PlainName.Of("", old.Name)}";
        if (!after.Columns.TryGetValue((old.Relation, old.Number), out ColumnFacts? now))
        {
            yield return Finding.Of(
                BreakageKind.TakesName,
                relation.Oid,
                $"drop {old.Name}",
                $"it drops the column {name}: code that names it fails"
            );
            if (relation.HoldsRows)
            {
                yield return Finding.Of(
                    BreakageKind.LosesData,
                    relation.Oid,
                    $"lose {old.Name}",
                    $"the values of {name} are deleted"
                );
            }

            yield break;
        }

        if (now.Name != old.Name)
        {
            yield return Finding.Of(
                BreakageKind.TakesName,
                relation.Oid,
                $"rename {old.Name}",
                $"it renames the column {name} to {PlainName.Of("", now.Name)}: code that uses the old name fails"
            );
        }

        foreach (Finding lost in Finding.LostRights(old.Rights, now.Rights, $"column {name}"))
        {
            yield return lost;
        }

        foreach (string narrowed in Narrowed(old, now, name))
        {
            yield return Finding.Of(
                BreakageKind.Narrows,
                relation.Oid,
                $"{narrowed.Replace(name, "", StringComparison.Ordinal)} {old.Name}",
                narrowed
            );
        }
    }

    private static IEnumerable<string> Narrowed(ColumnFacts old, ColumnFacts now, string name)
    {
        if (now.IsNotNull && !old.IsNotNull)
        {
            yield return $"{name} becomes NOT NULL: rows with NULL there are rejected";
        }

        if (now.IsNotNull && old.FillsItself && !now.FillsItself)
        {
            yield return $"{name} loses its default and is NOT NULL: inserts that leave it out are rejected";
        }

        if (now.Identity == "a" && old.Identity != "a")
        {
            yield return $"{name} becomes GENERATED ALWAYS: inserts that write it are rejected";
        }

        if (TypeFacts.IsNarrower(old, now))
        {
            yield return $"{name} changes from {old.Type} to {now.Type}: values that do not fit are rejected";
        }
    }

    private IEnumerable<Finding> NewColumns(RelationFacts old) =>
        _now[old.Oid]
            .Where(each =>
                !before.Columns.ContainsKey((each.Relation, each.Number))
                && each.IsNotNull
                && !each.FillsItself
                && old.Kind is 'r' or 'p' or 'f'
            )
            .Select(added =>
                Finding.Of(
                    BreakageKind.Narrows,
                    old.Oid,
                    $"new {added.Name}",
                    $"the new column {nameOf(old)}.{PlainName.Of("", added.Name)} is NOT NULL and has no default: "
                        + "inserts that leave it out are rejected, and the statement itself fails if there are rows"
                )
            );

    private static string KindOf(RelationFacts relation) =>
        relation.Kind switch
        {
            'v' => "view",
            'm' => "materialized view",
            'f' => "foreign table",
            'S' => "sequence",
            'c' => "type",
            _ => "table",
        };
}
