using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>attach_partition</c> and <c>detach_partition</c>.</summary>
internal static class PartitionKeys
{
    private static readonly Key<AttachPartition, TableName> Root = Table<AttachPartition>();

    private static readonly Key<AttachPartition, TableName> Attached = new(
        "partition",
        TableNameValue.Instance,
        attach => attach.Partition,
        "The table that becomes a partition, with its schema if that is not on the search path."
    )
    {
        Required = true,
        Examples = ["events_2026_02"],
        KnownElsewhereAs = ["child", "name"],
    };

    private static readonly Key<AttachPartition, string> Values = new(
        "values",
        TextValue.Sql,
        attach => attach.Values,
        "The rows it takes, as in SQL after FOR VALUES."
    )
    {
        Examples = ["FROM ('2026-02-01') TO ('2026-03-01')", "IN ('at', 'de')"],
        KnownElsewhereAs = ["for_values", "bound", "bounds"],
    };

    private static readonly Key<AttachPartition, bool> Default = new(
        "default",
        FlagValue.Instance,
        attach => attach.Default,
        "true: it takes the rows that no other partition takes."
    );

    private static readonly Key<DetachPartition, TableName> OldRoot = Table<DetachPartition>();

    private static readonly Key<DetachPartition, TableName> Detached = new(
        "partition",
        TableNameValue.Instance,
        detach => detach.Partition,
        "The partition, with its schema if that is not on the search path."
    )
    {
        Required = true,
        Examples = ["events_2024_01"],
        KnownElsewhereAs = ["child", "name"],
    };

    public static MapShape<AttachPartition> Attach { get; } =
        new(
            "attach_partition",
            "Attaches a table as a partition of another, while apps use the other one.",
            [Root, Attached, Values, Default],
            fields => new AttachPartition
            {
                Table = fields.Get(Root),
                Partition = fields.Get(Attached),
                Values = fields.Get(Values),
                Default = fields.Get(Default),
            }
        )
        {
            Typical = [Values],
            Judge = (attach, fields) =>
            {
                if (attach.Values is null == !attach.Default)
                {
                    fields.Refuse(Values, "a partition has either 'values' or 'default: true'", "Write one of them.");
                }
            },
        };

    public static MapShape<DetachPartition> Detach { get; } =
        new(
            "detach_partition",
            "Detaches a partition, once completing the change confirms that no running version of the "
                + "app needs its rows in the root.",
            [OldRoot, Detached],
            fields => new DetachPartition { Table = fields.Get(OldRoot), Partition = fields.Get(Detached) }
        );

    private static Key<T, TableName> Table<T>()
        where T : TableOperation =>
        new("table", TableNameValue.Instance, operation => operation.Table, "The partitioned table.")
        {
            Required = true,
            Examples = ["events"],
            KnownElsewhereAs = ["parent", "root"],
        };
}
