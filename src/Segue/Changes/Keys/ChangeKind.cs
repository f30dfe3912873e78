using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>A kind of operation, as its keys describe it.</summary>
internal sealed record ChangeKind(string Name, string Description, IReadOnlyList<ChangeKindKey> Keys)
{
    public static ChangeKind Of<T>(MapShape<T> shape)
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

/// <summary>A key of a kind.</summary>
internal sealed record ChangeKindKey
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required bool IsRequired { get; init; }

    /// <summary>A template sets it, unless other optional keys are given.</summary>
    public required bool IsTypical { get; init; }

    public required KeyForm Form { get; init; }

    public required string Example { get; init; }
}
