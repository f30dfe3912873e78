using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>create_table</c>.</summary>
internal static class CreateTableKeys
{
    private static readonly Key<CreateTable, TableName> Table = new(
        "table",
        TableNameValue.Instance,
        create => create.Table,
        "The new table's exact name. Without a schema: in the first schema of the search path."
    )
    {
        Required = true,
        Examples = ["orders"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<CreateTable, IReadOnlyList<AddColumn>> Columns = new(
        "columns",
        new ListValue<AddColumn>(NewColumnKeys.Value),
        create => create.Columns,
        "Its columns, in order."
    )
    {
        Required = true,
        Examples = ["[{ name: id, type: bigint, identity: {} }]"],
    };

    private static readonly Key<CreateTable, IReadOnlyList<string>> PrimaryKey = new(
        "primary_key",
        new ListValue<string>(NameValue.Instance),
        create => create.PrimaryKey,
        "The primary key's columns, in order."
    )
    {
        Default = [],
        Examples = ["[id]"],
        KnownElsewhereAs = ["pk", "key"],
    };

    private static readonly Key<CreateTable, IReadOnlyList<TableOperation>> Constraints = new(
        "constraints",
        new ListValue<TableOperation>(NewConstraintKeys.Value),
        create => create.Constraints,
        "Constraints over several columns, or with names."
    )
    {
        Default = [],
        Examples = ["[{ check: { name: sane, check: amount > 0 } }]"],
    };

    private static readonly Key<CreateTable, IReadOnlyList<CreateIndex>> Indexes = new(
        "indexes",
        new ListValue<CreateIndex>(
            new MapValue<CreateIndex>(NewConstraintKeys.WithoutTable(CreateIndexKeys.Shape, "an item of indexes"))
        ),
        create => create.Indexes,
        "Its indexes, with the keys of create_index."
    )
    {
        Default = [],
        Examples = ["[{ columns: [region] }]"],
    };

    private static readonly Key<CreateTable, PartitionKey> PartitionBy = new(
        "partition_by",
        NewPartitionKeys.By,
        create => create.PartitionBy,
        "How rows are divided among partitions."
    )
    {
        Examples = ["{ method: range, columns: [created_at] }"],
    };

    private static readonly Key<CreateTable, IReadOnlyList<NewPartition>> Partitions = new(
        "partitions",
        new ListValue<NewPartition>(NewPartitionKeys.Item),
        create => create.Partitions,
        "Partitions that are created with the table."
    )
    {
        Examples = ["[{ name: orders_rest, default: true }]"],
        Default = [],
    };

    private static readonly Key<CreateTable, bool> Unlogged = new(
        "unlogged",
        FlagValue.Instance,
        create => create.Unlogged,
        "true: faster to write, not replicated, and empty after a crash."
    )
    {
        Needs = ServerFeature.UnloggedTables,
    };

    private static readonly Key<CreateTable, IReadOnlyDictionary<string, string>> With = SharedKeys.With<CreateTable>(
        create => create.With,
        "storage"
    );

    private static readonly Key<CreateTable, string> Tablespace = SharedKeys.Tablespace<CreateTable>(create =>
        create.Tablespace
    );

    private static readonly Key<CreateTable, string> Comment = new(
        "comment",
        TextValue.Plain,
        create => create.Comment,
        "The comment the server keeps with the table."
    )
    {
        Examples = ["What customers ordered"],
    };

    public static MapShape<CreateTable> Shape { get; } =
        new(
            "create_table",
            "Creates a table, with everything that belongs to it.",
            [
                Table,
                Columns,
                PrimaryKey,
                Constraints,
                Indexes,
                PartitionBy,
                Partitions,
                Unlogged,
                With,
                Tablespace,
                Comment,
            ],
            Build
        )
        {
            Typical = [PrimaryKey],
            Judge = (create, fields) =>
            {
                if (create.Columns.GroupBy(column => column.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
                {
                    fields.Refuse(Columns, $"'columns' names '{Excerpt.Of(twice.Key)}' twice", "Keep one of the two.");
                }

                if (create.Partitions.Count > 0 && create.PartitionBy is null)
                {
                    fields.Refuse(
                        Partitions,
                        "'partitions' needs 'partition_by'",
                        "Add it, or leave the partitions out."
                    );
                }
            },
        };

    private static CreateTable Build(Fields<CreateTable> fields)
    {
        TableName table = fields.Get(Table);
        return new CreateTable
        {
            Table = table,
            Columns =
            [
                .. fields
                    .List(Columns)
                    .Where(column => column is not null)
                    .Select(column => column with { Table = table }),
            ],
            PrimaryKey = fields.List(PrimaryKey),
            Constraints =
            [
                .. fields
                    .List(Constraints)
                    .Where(constraint => constraint is not null)
                    .Select(constraint => constraint with { Table = table }),
            ],
            Indexes =
            [
                .. fields.List(Indexes).Where(index => index is not null).Select(index => index with { Table = table }),
            ],
            PartitionBy = fields.Get(PartitionBy),
            Partitions = fields.List(Partitions),
            Unlogged = fields.Get(Unlogged),
            With = fields.Get(With),
            Tablespace = fields.Get(Tablespace),
            Comment = fields.Get(Comment),
        };
    }
}
