using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

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
    private readonly List<(long Relation, string Detail, Breakage Breakage)> _found = [];
    private readonly ILookup<long, ColumnFacts> _columns = before.Columns.Values.ToLookup(each => each.Relation);
    private readonly ILookup<long, ColumnFacts> _now = after.Columns.Values.ToLookup(each => each.Relation);

    public IReadOnlyList<Breakage> Breaks()
    {
        // The sequences of a copy have other names, and are dropped only with it.
        foreach (
            RelationFacts old in before
                .Relations.Values.Where(each => each.Kind != 'S' || !each.IsTemporary)
                .OrderBy(each => each.Oid)
        )
        {
            CompareRelation(old);
        }

        CompareConstraints();
        CompareIndexes();
        CompareThings();
        _found.AddRange(new TriggerDifference(before, after, nameOf).Breaks());
        _found.AddRange(
            new SequenceDifference(before, after, nameOf)
                .Breaks()
                .Concat(Reliance.Lost(before, after))
                .Select(each => (0L, "", each))
        );
        return
        [
            .. _found
                .Where(each => !IsToldOfParent(each.Relation, each.Detail))
                .Select(each => each.Breakage)
                .DistinctBy(each => each.What),
        ];
    }

    /// <summary>Columns whose type changes.</summary>
    public IReadOnlyList<string> Retyped() =>
        [
            .. from old in before.Columns.Values
            where HasOtherType(old) && before.Relations.ContainsKey(old.Relation)
            orderby old.Relation, old.Number
            select $"{nameOf(before.Relations[old.Relation])}.{Plain("", old.Name)}",
        ];

    private bool HasOtherType(ColumnFacts old) =>
        after.Columns.TryGetValue((old.Relation, old.Number), out ColumnFacts? now)
        && (now.TypeId, now.Modifier) != (old.TypeId, old.Modifier);

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

    /// <summary>Changes of a root apply to its partitions as well: they are reported once.</summary>
    private bool IsToldOfParent(long relation, string detail) =>
        before.Relations.TryGetValue(relation, out RelationFacts? facts)
        && facts.Parents.Any(parent =>
            _found.Any(other => other.Relation == parent && other.Detail == detail) || IsToldOfParent(parent, detail)
        );

    private void Tell(BreakageKind kind, long relation, string detail, string what) =>
        _found.Add((relation, detail, new Breakage(kind, what)));

    private void CompareRelation(RelationFacts old)
    {
        string name = nameOf(old);
        string kind = KindOf(old);
        if (!after.Relations.TryGetValue(old.Oid, out RelationFacts? now))
        {
            Tell(BreakageKind.TakesName, 0, "", $"it drops the {kind} {name}: code that names it fails");
            if (old.HoldsRows)
            {
                Tell(BreakageKind.LosesData, 0, "", $"the rows of {name} are deleted");
            }

            return;
        }

        if (
            now.Name != old.Name
            || (
                now.Schema != old.Schema
                && before.Things.Values.Any(each =>
                    each.Kind == "schema"
                    && each.Name == old.Schema
                    && after.Things.GetValueOrDefault(each.Key)?.Name == old.Schema
                )
            )
        )
        {
            Tell(
                BreakageKind.TakesName,
                0,
                "",
                $"it renames the {kind} {name} to "
                    + $"{Plain(now.Schema == old.Schema ? "" : now.Schema, now.Name)}: code that uses the old "
                    + "name fails"
            );
        }

        foreach (string rule in now.InsteadRules.Except(old.InsteadRules))
        {
            Tell(
                BreakageKind.LosesData,
                old.Oid,
                $"rule {rule}",
                $"writes of running code to {name} are replaced by the rule {Plain("", rule)}"
            );
        }

        if (old.Kind == 'r' && FailsWithoutIdentity(after, now) && !FailsWithoutIdentity(before, old))
        {
            Tell(
                BreakageKind.Narrows,
                old.Oid,
                "identity",
                $"updates and deletes of {name} fail: it is published with them and has no replica identity"
            );
        }

        if (old.HasRowSecurity && !now.HasRowSecurity)
        {
            Tell(
                BreakageKind.Changes,
                old.Oid,
                "no row security",
                $"row security of {name} no longer applies: code sees and writes rows that a policy had hidden"
            );
        }

        if (now.HasRowSecurity && old.HasRowSecurity && !now.Policies.SequenceEqual(old.Policies))
        {
            Tell(
                BreakageKind.Narrows,
                old.Oid,
                "policies",
                $"the policies of {name} change: code may see and write other rows"
            );
        }

        if ((now.HasRowSecurity && !old.HasRowSecurity) || (now.IsForced && !old.IsForced))
        {
            Tell(
                BreakageKind.Narrows,
                old.Oid,
                "row security",
                $"row security of {name} begins to apply: code sees and writes only the rows that a policy allows"
            );
        }

        foreach (long parent in old.Parents.Except(now.Parents).Where(after.Relations.ContainsKey))
        {
            Tell(
                BreakageKind.TakesName,
                0,
                "",
                $"{nameOf(before.Relations[parent])} no longer includes the rows of {name}"
            );
        }

        if (now.Owner == old.Owner)
        {
            CompareRights(old.Rights, now.Rights, $"{kind} {name}");
        }
        else if (now.Owner != ownerOf(old))
        {
            Tell(
                BreakageKind.TakesName,
                0,
                "",
                $"the {kind} {name} gets the owner {Plain("", now.Owner)}: code that runs as "
                    + $"{Plain("", ownerOf(old))} loses its privileges, unless some are granted"
            );
        }

        foreach (ColumnFacts column in _columns[old.Oid].OrderBy(each => each.Number))
        {
            CompareColumn(old, name, column);
        }

        foreach (
            ColumnFacts added in _now[old.Oid]
                .Where(each =>
                    !before.Columns.ContainsKey((each.Relation, each.Number))
                    && each.IsNotNull
                    && !each.FillsItself
                    && old.Kind is 'r' or 'p' or 'f'
                )
        )
        {
            Tell(
                BreakageKind.Narrows,
                old.Oid,
                $"new {added.Name}",
                $"the new column {name}.{Plain("", added.Name)} is NOT NULL and has no default: inserts "
                    + "that leave it out are rejected, and the statement itself fails if there are rows"
            );
        }
    }

    private static bool FailsWithoutIdentity(CatalogFacts facts, RelationFacts table) =>
        !table.HasIdentity && facts.Published.Contains(table.Oid);

    private void CompareColumn(RelationFacts relation, string table, ColumnFacts old)
    {
        string name = $"{table}.{Plain("", old.Name)}";
        if (!after.Columns.TryGetValue((old.Relation, old.Number), out ColumnFacts? now))
        {
            Tell(
                BreakageKind.TakesName,
                relation.Oid,
                $"drop {old.Name}",
                $"it drops the column {name}: code that names it fails"
            );
            if (relation.HoldsRows)
            {
                Tell(BreakageKind.LosesData, relation.Oid, $"lose {old.Name}", $"the values of {name} are deleted");
            }

            return;
        }

        if (now.Name != old.Name)
        {
            Tell(
                BreakageKind.TakesName,
                relation.Oid,
                $"rename {old.Name}",
                $"it renames the column {name} to {Plain("", now.Name)}: code that uses the old name fails"
            );
        }

        CompareRights(old.Rights, now.Rights, $"column {name}");
        foreach (string narrowed in Narrowed(old, now, name))
        {
            Tell(
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

    private void CompareConstraints()
    {
        foreach (ConstraintFacts now in after.Constraints.Values.Where(each => !each.IsRoots).OrderBy(each => each.Oid))
        {
            if (before.Constraints.TryGetValue(now.Oid, out ConstraintFacts? old))
            {
                if (
                    old.Name != now.Name
                    && now.Kind is 'u' or 'p' or 'x'
                    && before.Relations.TryGetValue(now.Relation, out RelationFacts? at)
                )
                {
                    Tell(
                        BreakageKind.TakesName,
                        0,
                        "",
                        $"it renames the constraint {Plain("", old.Name)} of {nameOf(at)} to "
                            + $"{Plain("", now.Name)}: ON CONFLICT ON CONSTRAINT with the old name fails"
                    );
                }
            }
            else if (
                now.Domain > 0
                && before.Things.TryGetValue($"type {now.Domain}", out ThingFacts? domain)
                && now.Kind == 'c'
            )
            {
                Tell(
                    BreakageKind.Narrows,
                    0,
                    "",
                    $"the domain {domain.FullName} gets the CHECK {Plain("", now.Name)}: values that "
                        + "violate it are rejected"
                );
            }
            else if (
                before.Relations.TryGetValue(now.Relation, out RelationFacts? table)
                && IsAboutOld(now.Relation, now.Columns)
                && !IsCreatedAgain(now)
                && Refused(now) is { } refused
            )
            {
                Tell(BreakageKind.Narrows, now.Relation, $"constraint {now.Name}", $"{nameOf(table)} gets {refused}");
            }
        }
    }

    private static string? Refused(ConstraintFacts constraint) =>
        constraint.Kind switch
        {
            'c' => $"the CHECK {Plain("", constraint.Name)}: rows that violate it are rejected",
            'f' => $"the foreign key {Plain("", constraint.Name)}: rows without a parent are rejected, and "
                + "parents that have rows cannot be deleted",
            'x' =>
                $"the exclusion constraint {Plain("", constraint.Name)}: rows that conflict with another are rejected",
            _ => null,
        };

    private void CompareIndexes()
    {
        HashSet<(long, string)> was =
        [
            .. before.Indexes.Values.Where(each => each.IsUnique).Select(each => (each.Relation, each.Key)),
        ];
        HashSet<(long, string)> remains =
        [
            .. after.Indexes.Values.Where(each => each.IsUnique).Select(each => (each.Relation, each.Key)),
        ];
        foreach (IndexFacts now in after.Indexes.Values.Where(each => each.IsUnique).OrderBy(each => each.Oid))
        {
            if (
                before.Relations.TryGetValue(now.Relation, out RelationFacts? table)
                && IsAboutOld(now.Relation, now.Columns)
                && !was.Contains((now.Relation, now.Key))
            )
            {
                Tell(
                    BreakageKind.Narrows,
                    now.Relation,
                    $"unique {now.Key}",
                    $"the index {Plain("", now.Name)} makes rows of {nameOf(table)} unique: a second "
                        + "row with the same key is rejected"
                );
            }
        }

        foreach (IndexFacts old in before.Indexes.Values.Where(each => each.IsUnique).OrderBy(each => each.Oid))
        {
            if (
                after.Relations.ContainsKey(old.Relation)
                && before.Relations.TryGetValue(old.Relation, out RelationFacts? table)
                && !remains.Contains((old.Relation, old.Key))
            )
            {
                Tell(
                    BreakageKind.TakesName,
                    old.Relation,
                    $"no longer unique {old.Key}",
                    $"the unique index {Plain("", old.Name)} of {nameOf(table)} is dropped: INSERT ... ON "
                        + "CONFLICT that relies on it fails"
                );
            }
        }
    }

    /// <summary>A constraint of new columns alone rejects nothing from code that does not use them.</summary>
    private bool IsAboutOld(long relation, short[] columns) =>
        columns.Length == 0 || columns.Any(column => column == 0 || before.Columns.ContainsKey((relation, column)));

    private void CompareThings()
    {
        foreach (ThingFacts old in before.Things.Values.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!after.Things.TryGetValue(old.Key, out ThingFacts? now))
            {
                Tell(BreakageKind.TakesName, 0, "", $"it drops the {old.Kind} {old.FullName}: code that uses it fails");
                continue;
            }

            bool hasMoved =
                now.Schema != old.Schema
                && before.Things.Any(each =>
                    each.Value is { Kind: "schema" } schema
                    && schema.Name == old.Schema
                    && after.Things.GetValueOrDefault(each.Key)?.Name == old.Schema
                );
            if (now.Name != old.Name || hasMoved)
            {
                Tell(
                    BreakageKind.TakesName,
                    0,
                    "",
                    $"it renames the {old.Kind} {old.FullName} to {(hasMoved ? now.FullName : now.Name)}: "
                        + "code that uses the old name fails"
                );
            }

            if (now.Narrows.Length > 0 && old.Narrows.Length == 0)
            {
                Tell(BreakageKind.Narrows, 0, "", $"the {old.Kind} {old.FullName} changes: {now.Narrows}");
            }

            CompareRights(old.Rights, now.Rights, $"{old.Kind} {old.FullName}");
        }
    }

    private void CompareRights(string[] old, string[] now, string thing)
    {
        if (!old.SequenceEqual(now))
        {
            _found.AddRange(
                AccessRights
                    .Lost(old, now)
                    .Select(lost =>
                        (
                            0L,
                            "",
                            new Breakage(
                                BreakageKind.TakesName,
                                $"it takes {lost.Rights} on the {thing} from {lost.Role}"
                            )
                        )
                    )
            );
        }
    }

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

    /// <summary>As people write it: quoted only if needed.</summary>
    public static string Plain(string schema, string name) =>
        $"{(schema.Length > 0 ? $"{One(schema)}." : "")}{One(name)}";

    private static string One(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(sign => sign is '_' or (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            ? name
            : Sql.Name(name);
}
