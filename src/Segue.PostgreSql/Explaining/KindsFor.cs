using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Finds the change kinds that do the same as a statement, by its difference in the catalog.</summary>
internal sealed class KindsFor(CatalogFacts before, CatalogFacts after)
{
    private readonly List<string> _kinds = [];

    /// <param name="rewrites">It rewrites a table.</param>
    public IReadOnlyList<string> Of(bool rewrites)
    {
        foreach (RelationFacts now in after.Relations.Values.Where(each => each.HoldsRows).OrderBy(each => each.Oid))
        {
            if (!before.Relations.TryGetValue(now.Oid, out RelationFacts? old))
            {
                Add(true, now.Parents.Length > 0 ? "attach_partition" : "create_table");
                continue;
            }

            Add(old.Name != now.Name, "rename_table");
            Add(now.Parents.Except(old.Parents).Any(), "attach_partition");
            Add(old.Parents.Except(now.Parents).Any(), "detach_partition");
            Add(old.Options != now.Options || old.Comment != now.Comment, "set_options");
            AddColumns(now.Oid, rewrites);
        }

        Add(
            before.Columns.Any(old =>
                after.Relations.GetValueOrDefault(old.Value.Relation) is { HoldsRows: true }
                && !after.Columns.ContainsKey(old.Key)
            ),
            "drop_column"
        );
        Add(before.Relations.Values.Any(old => old.HoldsRows && !after.Relations.ContainsKey(old.Oid)), "drop_table");
        AddConstraints();
        AddIndexes();
        AddThings();
        return _kinds;
    }

    private void Add(bool applies, string kind)
    {
        if (applies && !_kinds.Contains(kind))
        {
            _kinds.Add(kind);
        }
    }

    private void AddColumns(long relation, bool rewrites)
    {
        foreach (
            ColumnFacts now in after
                .Columns.Values.Where(each => each.Relation == relation)
                .OrderBy(each => each.Number)
        )
        {
            if (!before.Columns.TryGetValue((relation, now.Number), out ColumnFacts? old))
            {
                Add(true, now.Generated == "s" ? "add_column` with `derive" : "add_column");
                continue;
            }

            bool hasOtherType = old.TypeId != now.TypeId || old.Modifier != now.Modifier;
            Add(old.Name != now.Name, "rename_column");
            Add(hasOtherType && rewrites, "add_column` with `derive");
            Add(hasOtherType && !rewrites, "alter_column` with `type");
            Add(
                now.IsNotNull && !old.IsNotNull && !HasNewKey(relation, now.Number),
                "alter_column` with `nullable: false"
            );
            Add(old.IsNotNull && !now.IsNotNull, "alter_column` with `nullable: true");
            Add(now.Default.Length > 0 && old.Default != now.Default, "alter_column` with `default");
            Add(old.Default.Length > 0 && now.Default.Length == 0, "alter_column` with `drop_default");
            Add(old.Storing != now.Storing, "alter_column` with `statistics`, `storage` or `compression");
            Add(old.Comment != now.Comment, "alter_column` with `comment");
        }
    }

    /// <summary>A primary key makes its columns NOT NULL.</summary>
    private bool HasNewKey(long relation, int column) =>
        after.Indexes.Values.Any(each =>
            each.Relation == relation
            && each.IsPrimary
            && each.Columns.Contains((short)column)
            && before.Indexes.GetValueOrDefault(each.Oid)?.IsPrimary != true
        );

    private void AddConstraints()
    {
        foreach (
            ConstraintFacts now in after
                .Constraints.Values.Where(each => each.Relation > 0 && before.Relations.ContainsKey(each.Relation))
                .OrderBy(each => each.Oid)
        )
        {
            bool isNew = !before.Constraints.TryGetValue(now.Oid, out ConstraintFacts? old);

            // The constraint of a new column alone is part of `add_column`.
            bool isOfNewColumn = now.Columns.Length == 1 && !before.Columns.ContainsKey((now.Relation, now.Columns[0]));
            Add(isNew && !isOfNewColumn && Adding.ContainsKey(now.Kind), Adding.GetValueOrDefault(now.Kind, ""));
            Add(!isNew && old!.Name != now.Name, "rename_constraint");
        }

        Add(
            before.Constraints.Values.Any(old =>
                Adding.ContainsKey(old.Kind)
                && after.Relations.ContainsKey(old.Relation)
                && !after.Constraints.ContainsKey(old.Oid)
                && old.Columns.All(column => after.Columns.ContainsKey((old.Relation, column)))
            ),
            "drop_constraint"
        );
        Add(
            after.Constraints.Values.Any(now =>
                now.Domain > 0
                && before.Constraints.GetValueOrDefault(now.Oid)?.Name != now.Name
                && before.Things.ContainsKey($"type {now.Domain}")
            ),
            "alter_domain"
        );
    }

    private static readonly Dictionary<char, string> Adding = new()
    {
        ['c'] = "add_check",
        ['f'] = "add_foreign_key",
        ['u'] = "add_unique",
        ['p'] = "add_primary_key",
        ['x'] = "add_exclusion",
    };

    private void AddIndexes()
    {
        foreach (
            IndexFacts now in after.Indexes.Values.Where(each =>
                before.Relations.ContainsKey(each.Relation) && !each.IsOfConstraint
            )
        )
        {
            Add(!before.Indexes.ContainsKey(now.Oid), "create_index");
            Add(before.Indexes.TryGetValue(now.Oid, out IndexFacts? old) && old.Name != now.Name, "rename_index");
        }

        Add(
            before.Indexes.Values.Any(old =>
                !old.IsOfConstraint && after.Relations.ContainsKey(old.Relation) && !after.Indexes.ContainsKey(old.Oid)
            ),
            "drop_index"
        );
    }

    private void AddThings()
    {
        foreach ((string key, ThingFacts now) in after.Things)
        {
            ThingFacts? old = before.Things.GetValueOrDefault(key);
            Add(old is null && now.Kind == "enum type", "create_enum");
            Add(old is null && now.Kind == "domain", "create_domain");
            Add(old is null && now.Kind == "value" && !_kinds.Contains("create_enum"), "add_enum_value");
            Add(old is not null && now.Kind == "value" && old.Name != now.Name, "rename_enum_value");
            Add(old is not null && now.Kind == "domain" && old.Narrows != now.Narrows, "alter_domain");
        }
    }
}
