using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The content of a change file: the part of a <see cref="Change"/> that is in the file itself.</summary>
internal sealed record ChangeContent(string? Description, IReadOnlyList<Operation> Operations)
{
    public bool Staged { get; init; }
}

/// <summary>The keys of a change file.</summary>
internal static class ChangeKeys
{
    /// <summary>What messages call the file.</summary>
    public const string File = "the change file";

    public static readonly Key<ChangeContent, string> Description = new(
        "description",
        TextValue.Plain,
        change => change.Description,
        "What the change is for, in a sentence."
    )
    {
        Examples = ["Orders carry their currency"],
    };

    public static readonly Key<ChangeContent, bool> Staged = new(
        "staged",
        FlagValue.Instance,
        change => change.Staged,
        "true: small tables are changed in stages, as large ones are, so that staging runs what production will run."
    );

    public static readonly Key<ChangeContent, IReadOnlyList<Operation>> Operations = new(
        "operations",
        OperationsValue.Instance,
        change => change.Operations,
        "What changes, in order."
    )
    {
        Required = true,
    };

    public static MapValue<ChangeContent> Value { get; } =
        new(
            new MapShape<ChangeContent>(
                File,
                "A Segue change file. The change's name is the file's name.",
                [Description, Staged, Operations],
                fields => new ChangeContent(fields.Get(Description), fields.Get(Operations))
                {
                    Staged = fields.Get(Staged),
                }
            )
        );
}
