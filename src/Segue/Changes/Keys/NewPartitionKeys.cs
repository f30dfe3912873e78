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
        "Column names, or maps for expressions, collations and operator classes."
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
        "The partition's exact name. Default schema: that of the table."
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
        "By range: SQL expressions, one per key: the first value of the partition. MINVALUE has no lower bound."
    )
    {
        Default = [],
        Examples = ["[\"'2026-01-01'\"]"],
    };

    private static readonly Key<NewPartition, IReadOnlyList<string>> To = new(
        "to",
        new ListValue<string>(TextValue.Sql),
        partition => partition.To,
        "By range: the first value after the partition. MAXVALUE has no upper bound."
    )
    {
        Default = [],
        Examples = ["[\"'2027-01-01'\"]"],
    };

    private static readonly Key<NewPartition, IReadOnlyList<string>> In = new(
        "in",
        new ListValue<string>(TextValue.Sql),
        partition => partition.In,
        "By list: SQL expressions: the values of the partition."
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
        "By hash: the divisor of the hash."
    );

    private static readonly Key<NewPartition, long> Remainder = new(
        "remainder",
        new NumberValue(0, int.MaxValue),
        partition => partition.Remainder,
        "By hash: the remainder. Default: 0."
    );

    private static readonly Key<NewPartition, bool> Default = new(
        "default",
        FlagValue.Instance,
        partition => partition.Default,
        "true: takes the rows that no other partition takes."
    );

    public static MapValue<PartitionKey> By { get; } =
        new(
            new MapShape<PartitionKey>(
                "partition_by",
                "How rows are divided among partitions.",
                [Method, Columns],
                fields => new PartitionKey(fields.Get(Method), fields.List(Columns))
            )
        );

    public static MapValue<NewPartition> Item { get; } =
        new(
            new MapShape<NewPartition>(
                "an item of partitions",
                "A partition that is created with its table.",
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
                            "a partition needs exactly one kind of bound",
                            "Give 'from' and 'to', or 'in', or 'modulus' and 'remainder', or 'default: true'."
                        );
                    }
                },
            }
        );
}
