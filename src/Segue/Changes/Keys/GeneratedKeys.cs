using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>generated</c>.</summary>
internal static class GeneratedKeys
{
    public static readonly Key<GeneratedColumn, string> Expression = new(
        "expression",
        TextValue.Sql,
        generated => generated.Expression,
        "An immutable SQL expression over other columns of the row."
    )
    {
        Required = true,
        Examples = ["price * quantity"],
    };

    public static readonly Key<GeneratedColumn, bool> Stored = new(
        "stored",
        FlagValue.Instance,
        generated => generated.Stored,
        "true: computed on write and stored. false: computed on read, which not every server version has."
    );

    public static MapValue<GeneratedColumn> Value { get; } =
        new(
            new MapShape<GeneratedColumn>(
                "generated",
                "A column the server computes from others of the same row.",
                [Expression, Stored],
                fields => new GeneratedColumn { Expression = fields.Get(Expression), Stored = fields.Get(Stored) }
            )
        );
}
