using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>identity</c>.</summary>
internal static class IdentityKeys
{
    public static readonly Key<IdentityColumn, bool> Always = new(
        "always",
        FlagValue.Instance,
        identity => identity.Always,
        "true: GENERATED ALWAYS, an app cannot write the column. false: BY DEFAULT."
    );

    public static readonly Key<IdentityColumn, long> Start = new(
        "start",
        new NumberValue(),
        identity => identity.Start,
        "The first number."
    )
    {
        IsNullLeftOut = true,
        Examples = ["1"],
    };

    public static readonly Key<IdentityColumn, long> Increment = new(
        "increment",
        new NumberValue(),
        identity => identity.Increment,
        "The step; a negative step counts down. Not 0."
    )
    {
        IsNullLeftOut = true,
        Examples = ["1"],
    };

    public static readonly Key<IdentityColumn, long> MinValue = new(
        "min_value",
        new NumberValue(),
        identity => identity.MinValue,
        "The smallest number."
    )
    {
        IsNullLeftOut = true,
    };

    public static readonly Key<IdentityColumn, long> MaxValue = new(
        "max_value",
        new NumberValue(),
        identity => identity.MaxValue,
        "The largest number."
    )
    {
        IsNullLeftOut = true,
    };

    public static readonly Key<IdentityColumn, long> Cache = new(
        "cache",
        new NumberValue(least: 1),
        identity => identity.Cache,
        "How many numbers a session reserves at a time."
    )
    {
        IsNullLeftOut = true,
    };

    public static readonly Key<IdentityColumn, bool> Cycle = new(
        "cycle",
        FlagValue.Instance,
        identity => identity.Cycle,
        "true: starts again after the last number."
    );

    public static MapValue<IdentityColumn> Value { get; } =
        new(
            new MapShape<IdentityColumn>(
                "identity",
                "The server generates numbers. {} takes the engine's defaults.",
                [Always, Start, Increment, MinValue, MaxValue, Cache, Cycle],
                fields => new IdentityColumn
                {
                    Always = fields.Get(Always),
                    Start = fields.Find(Start),
                    Increment = fields.Find(Increment),
                    MinValue = fields.Find(MinValue),
                    MaxValue = fields.Find(MaxValue),
                    Cache = fields.Find(Cache),
                    Cycle = fields.Get(Cycle),
                }
            )
            {
                Judge = Judge,
            }
        );

    private static void Judge(IdentityColumn identity, Fields<IdentityColumn> fields)
    {
        if (identity.Increment == 0)
        {
            fields.Refuse(Increment, "'increment' cannot be 0", "Write another step, or leave the key out.");
        }

        if (identity.MinValue >= identity.MaxValue)
        {
            fields.Refuse(MaxValue, "'max_value' must be greater than 'min_value'", "Swap or correct them.");
        }
        else if (identity.Start < identity.MinValue || identity.Start > identity.MaxValue)
        {
            fields.Refuse(Start, "'start' is outside of 'min_value' and 'max_value'", "Choose a number between them.");
        }
    }
}
