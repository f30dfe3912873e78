using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// UNIQUE or PRIMARY KEY of a whole table: by one index; or on each partition and then on the root, which uses theirs
/// without building anything.
/// </summary>
/// <param name="constraintOf">From table, name and columns.</param>
/// <param name="id">Begins the steps' ids.</param>
internal sealed class KeyRoad(
    Table table,
    ObjectNames names,
    PlannedKey key,
    Func<string, string, IReadOnlyList<string>, PlannedConstraint> constraintOf,
    string id
)
{
    public IEnumerable<Step> Add(string name, IndexDefinition definition)
    {
        if (!table.IsPartitioned)
        {
            return On(table, name, definition).Add();
        }

        PlannedConstraint root = constraintOf(table.Sql, name, key.Columns);
        Steps steps = new(table);
        DdlStep add = steps.Exclusive(
            $"{id}-root",
            $"add {key.Words} {name} to the root, using the partitions' own",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {root.Sql} {key.Definition}"]
        );
        return
        [
            .. table
                .Partitions.Where(partition => partition.Kind == 'r')
                .SelectMany(leaf =>
                    On(Of(leaf), NameOf(leaf), definition)
                        .Add()
                        .Select(step => Conditions.UnlessGone(table, leaf, step))
                ),
            add with
            {
                Applied = Conditions.Query(root.Exists),
                Obstacle = steps.NewLeaf(
                    $"{key.Words} ({string.Join(", ", key.Columns)})",
                    Conditions.SomeLeafLacks(
                        table.Sql,
                        $"k.contype = '{(key.Label == "pkey" ? 'p' : 'u')}'",
                        key.Columns
                    )
                ),
                Undo = [steps.DropConstraint($"{id}-root/undo", $"drop {key.Words} {name}, with its indexes", root)],
            },
        ];
    }

    /// <summary>The server's name for it there, whatever the root's is called.</summary>
    private string NameOf(Partition leaf) =>
        names.ForRelation(
            leaf.Schema,
            leaf.Name,
            key.Label == "pkey" ? "" : string.Join('_', key.Columns.Concat(key.Include)),
            key.Label
        );

    private UniqueRoad On(Table one, string name, IndexDefinition definition) =>
        new(
            one,
            new PlannedIndex(one.Sql, one.Schema, name, definition, IsUnique: true),
            constraintOf(one.Sql, name, key.Columns),
            key.Words,
            id,
            isUndone: true
        )
        {
            Suffix = key.Suffix,
        };

    private Table Of(Partition leaf) =>
        table with
        {
            Schema = leaf.Schema,
            Name = leaf.Name,
            Kind = 'r',
            Size = leaf.Size,
            Partitions = [],
        };
}

/// <param name="Words">UNIQUE or PRIMARY KEY.</param>
/// <param name="Label">The end of the server's name for it, e.g. <c>key</c>.</param>
/// <param name="Suffix">E.g. <c>DEFERRABLE</c>, with its leading blank.</param>
internal sealed record PlannedKey(
    string Words,
    string Label,
    string? Name,
    IReadOnlyList<string> Columns,
    IReadOnlyList<string> Include,
    bool NullsNotDistinct,
    string Suffix
)
{
    /// <summary>The clause that begins with the words.</summary>
    public string Definition =>
        $"{Words}{(NullsNotDistinct ? " NULLS NOT DISTINCT" : "")} "
        + $"({Sql.Names(Columns)}){(Include.Count > 0 ? $" INCLUDE ({Sql.Names(Include)})" : "")}{Suffix}";
}
