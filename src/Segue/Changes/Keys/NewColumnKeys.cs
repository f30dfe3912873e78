using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>
/// The keys of a new table's column: those of <c>add_column</c> except the ones that fill existing rows.
/// </summary>
internal static class NewColumnKeys
{
    private static readonly IReadOnlyList<Key<AddColumn>> Keys =
    [
        AddColumnKeys.Name,
        AddColumnKeys.Type,
        AddColumnKeys.Collation,
        AddColumnKeys.Nullable,
        AddColumnKeys.Default,
        AddColumnKeys.Check,
        AddColumnKeys.References,
        AddColumnKeys.Unique,
        AddColumnKeys.Comment,
        AddColumnKeys.Identity,
        AddColumnKeys.Generated,
    ];

    public static MapValue<AddColumn> Value { get; } =
        new(
            AddColumnKeys.Shape with
            {
                Name = "a column",
                Description = "A column of the new table.",
                Keys = Keys,
                Exclusions =
                [
                    .. AddColumnKeys.Shape.Exclusions.Where(pair =>
                        Keys.Contains(pair.One) && Keys.Contains(pair.Other)
                    ),
                ],
                Judge = (_, _) => { },
            }
        );
}
