using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>partition_by</c> and of an item of <c>partitions</c>.</summary>
internal static class NewPartitionKeys
{
    private static readonly Key<PartitionKey, PartitionMethod> Method = new(
        "method",
        ChoiceValue<PartitionMethod>.Instance,
        by => by.Method,
        "range, list or hash."
    )
    {
        Required = true,
        KnownElsewhereAs = ["type", "strategy"],
    };

    private static readonly Key<PartitionKey, IReadOnlyList<IndexPart>> Columns = new(
        "columns",
        new ListValue<IndexPart>(IndexPartValue.Instance),
        by => by.Columns,
        "Columns' names, or maps for expressions, collations and operator classes."
    )
    {
        Required = true,
        Examples = ["[created_at]"],
        KnownElsewhereAs = ["column", "key"],
    };

    private static readonly Key<NewPartition, TableName> Name = new(
        "name",
        TableNameValue.Instance,
        partition => partition.Name,
        "The partition's exact name; its schema is the table's where none is named."
    )
    {
        Required = true,
        Examples = ["orders_2026"],
        KnownElsewhereAs = ["table"],
    };

    private static readonly Key<NewPartition, IReadOnlyList<string>> From = new(
        "from",
        new ListValue<string>(TextValue.Sql),
        partition => partition.From,
        "By range: SQL expressions, one per key, the first value inside. MINVALUE has no lower bound."
    )
    {
        Default = [],
        Examples = ["[\"'2026-01-01'\"]"],
    };

    private static readonly Key<NewPartition, IReadOnlyList<string>> To = new(
        "to",
        new ListValue<string>(TextValue.Sql),
        partition => partition.To,
        "By range: the first value beyond it. MAXVALUE has no upper bound."
    )
    {
        Default = [],
        Examples = ["[\"'2027-01-01'\"]"],
    };

    private static readonly Key<NewPartition, IReadOnlyList<string>> In = new(
        "in",
        new ListValue<string>(TextValue.Sql),
        partition => partition.In,
        "By list: SQL expressions, its values."
    )
    {
        Default = [],
        Examples = ["[\"'eu'\", \"NULL\"]"],
        KnownElsewhereAs = ["values"],
    };

    private static readonly Key<NewPartition, long> Modulus = new(
        "modulus",
        new NumberValue(1, int.MaxValue),
        partition => partition.Modulus,
        "By hash: the hash is divided by this."
    );

    private static readonly Key<NewPartition, long> Remainder = new(
        "remainder",
        new NumberValue(0, int.MaxValue),
        partition => partition.Remainder,
        "By hash: what is left then. Default: 0."
    );

    private static readonly Key<NewPartition, bool> Default = new(
        "default",
        FlagValue.Instance,
        partition => partition.Default,
        "true: takes what no other partition does."
    );

    public static MapValue<PartitionKey> By { get; } =
        new(
            new MapShape<PartitionKey>(
                "partition_by",
                "What decides in which partition a row is.",
                [Method, Columns],
                fields => new PartitionKey(fields.Get(Method), fields.List(Columns))
            )
        );

    public static MapValue<NewPartition> Item { get; } =
        new(
            new MapShape<NewPartition>(
                "an item of partitions",
                "A partition that comes with its table.",
                [Name, From, To, In, Modulus, Remainder, Default],
                fields => new NewPartition
                {
                    Name = fields.Get(Name),
                    From = fields.List(From),
                    To = fields.List(To),
                    In = fields.List(In),
                    Modulus = fields.Find(Modulus),
                    Remainder = fields.Get(Remainder),
                    Default = fields.Get(Default),
                }
            )
            {
                Judge = (partition, fields) =>
                {
                    int ways = new[]
                    {
                        partition.From.Count > 0 || partition.To.Count > 0,
                        partition.In.Count > 0,
                        partition.Modulus is not null,
                        partition.Default,
                    }.Count(given => given);
                    bool isHalf =
                        (partition.From.Count > 0 && partition.To.Count == 0)
                        || (partition.To.Count > 0 && partition.From.Count == 0)
                        || (partition.Modulus is null && partition.Remainder > 0);
                    if (ways != 1 || isHalf)
                    {
                        fields.Refuse(
                            Name,
                            "a partition has not exactly one sort of bounds",
                            "Give 'from' and 'to', or 'in', or 'modulus' and 'remainder', or 'default: true'."
                        );
                    }
                },
            }
        );
}
