using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>A kind of operation, as its keys describe it.</summary>
/// <param name="Name">As a change file names it, e.g. <c>add_column</c>.</param>
/// <param name="Description">What it does, in a sentence or two.</param>
/// <param name="Keys">In the order in which a change file is written.</param>
public sealed record ChangeKind(string Name, string Description, IReadOnlyList<ChangeKindKey> Keys)
{
    /// <summary>All kinds, in the order of the documentation.</summary>
    public static IReadOnlyList<ChangeKind> All => OperationValue.Kinds;

    /// <summary>The kind of an operation.</summary>
    public static ChangeKind Of(Operation operation) => OperationValue.KindOf(operation);

    internal static ChangeKind Of<T>(MapShape<T> shape)
        where T : notnull =>
        new(
            shape.Name,
            shape.Description,
            [
                .. shape.Keys.Select(key => new ChangeKindKey
                {
                    Name = key.Name,
                    Description = key.Description,
                    IsRequired = key.Required,
                    IsTypical = shape.Typical.Contains(key),
                    Form = key.Form,
                    Example = key.Example,
                }),
            ]
        );
}
