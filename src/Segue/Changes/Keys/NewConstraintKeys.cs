using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>
/// An item of a new table's <c>constraints</c>: a map with one key, the kind, and below it the keys that the kind has
/// on an existing table.
/// </summary>
internal static class NewConstraintKeys
{
    private static readonly Key<TableOperation, AddCheck> Check = Of(
        "check",
        ConstraintKeys.Check,
        "A boolean expression that every row must satisfy."
    );

    private static readonly Key<TableOperation, AddUnique> Unique = Of(
        "unique",
        ConstraintKeys.Unique,
        "No two rows share the values."
    );

    private static readonly Key<TableOperation, AddForeignKey> ForeignKey = Of(
        "foreign_key",
        ConstraintKeys.ForeignKey,
        "Every row has a parent row."
    );

    private static readonly Key<TableOperation, AddExclusion> Exclusion = Of(
        "exclusion",
        ExclusionKeys.Shape,
        "No two rows may satisfy all operators."
    );

    private static readonly IReadOnlyList<Key<TableOperation>> Keys = [Check, Unique, ForeignKey, Exclusion];

    public static MapValue<TableOperation> Value { get; } =
        new(
            new MapShape<TableOperation>(
                "an item of constraints",
                "A constraint of the new table.",
                Keys,
                fields =>
                    (TableOperation?)fields.Get(Check)
                    ?? (TableOperation?)fields.Get(Unique)
                    ?? (TableOperation?)fields.Get(ForeignKey)
                    ?? fields.Get(Exclusion)
            )
            {
                Exclusions =
                [
                    .. Keys.SelectMany(
                        (one, n) =>
                            Keys.Skip(n + 1)
                                .Select(other => new Exclusion<TableOperation>(one, other, "Split it into two items."))
                    ),
                ],
                Judge = (constraint, fields) =>
                {
                    if (constraint is null)
                    {
                        fields.Refuse(
                            Check,
                            "an item of constraints is empty",
                            $"Write one of {string.Join(", ", Keys.Select(key => key.Name))}, and its keys below it."
                        );
                    }
                },
            }
        );

    private static Key<TableOperation, T> Of<T>(string name, MapShape<T> shape, string description)
        where T : TableOperation =>
        new(name, new MapValue<T>(WithoutTable(shape, name)), constraint => constraint as T, description);

    /// <summary>The table is the enclosing one.</summary>
    public static MapShape<T> WithoutTable<T>(MapShape<T> shape, string name)
        where T : TableOperation =>
        shape with
        {
            Name = name,
            Keys = [.. shape.Keys.Where(key => key.Name != "table")],
        };
}
