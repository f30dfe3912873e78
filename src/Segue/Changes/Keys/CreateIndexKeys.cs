using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>create_index</c>.</summary>
internal static class CreateIndexKeys
{
    public static readonly Key<CreateIndex, TableName> Table = SharedKeys.Table<CreateIndex>(
        create => create.Table,
        "on"
    );

    public static readonly Key<CreateIndex, string> Name = new(
        "name",
        NameValue.Instance,
        create => create.Name,
        "The index's exact name. Default: the server's name for it, e.g. orders_region_idx."
    )
    {
        Examples = ["orders_region_idx"],
        KnownElsewhereAs = ["index"],
    };

    public static readonly Key<CreateIndex, IReadOnlyList<IndexPart>> Columns = new(
        "columns",
        new ListValue<IndexPart>(IndexPartValue.Instance),
        create => create.Columns,
        "What is indexed, in order: column names, or maps for expressions and sort orders."
    )
    {
        Required = true,
        Examples = ["[region, { expression: lower(email) }, { column: created_at, order: desc }]"],
        KnownElsewhereAs = ["keys", "column"],
    };

    public static readonly Key<CreateIndex, string> Method = new(
        "method",
        NameValue.Instance,
        create => create.Method,
        "The access method: btree, hash, gist, spgist, gin, brin, or an extension's. Default: btree."
    )
    {
        Examples = ["gin"],
        KnownElsewhereAs = ["using", "type"],
    };

    public static readonly Key<CreateIndex, bool> Unique = new(
        "unique",
        FlagValue.Instance,
        create => create.Unique,
        "true: no two rows may share the indexed values. Duplicates are reported before anything is built."
    );

    public static readonly Key<CreateIndex, bool> NullsNotDistinct = new(
        "nulls_not_distinct",
        FlagValue.Instance,
        create => create.NullsNotDistinct,
        "true: two NULLs count as the same value. Needs unique. Not every server version has it."
    )
    {
        Needs = ServerFeature.NullsNotDistinct,
    };

    public static readonly Key<CreateIndex, IReadOnlyList<string>> Include = SharedKeys.Include<CreateIndex>(create =>
        create.Include
    );

    public static readonly Key<CreateIndex, string> Where = new(
        "where",
        TextValue.Sql,
        create => create.Where,
        "A boolean SQL expression: only rows that satisfy it are indexed."
    )
    {
        Examples = ["deleted_at IS NULL"],
        KnownElsewhereAs = ["predicate", "filter"],
        Needs = ServerFeature.PartialIndexes,
    };

    public static readonly Key<CreateIndex, IReadOnlyDictionary<string, string>> With = SharedKeys.With<CreateIndex>(
        create => create.With,
        "storage",
        "storage_parameters"
    );

    public static readonly Key<CreateIndex, string> Tablespace = SharedKeys.Tablespace<CreateIndex>(create =>
        create.Tablespace
    );

    public static MapShape<CreateIndex> Shape { get; } =
        ShapeOf("create_index", "Creates an index while apps read and write.", [Table], fields => fields.Get(Table));

    /// <summary>The same for an index whose table is known.</summary>
    public static MapShape<CreateIndex> Replacement { get; } =
        ShapeOf(
            "by",
            "The index that replaces it, with the keys of create_index except `table`.",
            [],
            _ => new TableName(null, "")
        );

    private static MapShape<CreateIndex> ShapeOf(
        string name,
        string description,
        IReadOnlyList<Key<CreateIndex>> first,
        Func<Fields<CreateIndex>, TableName> table
    ) =>
        new(
            name,
            description,
            [.. first, Name, Columns, Method, Unique, NullsNotDistinct, Include, Where, With, Tablespace],
            fields => new CreateIndex
            {
                Table = table(fields),
                Name = fields.Get(Name),
                Columns = fields.List(Columns),
                Method = fields.Get(Method),
                Unique = fields.Get(Unique),
                NullsNotDistinct = fields.Get(NullsNotDistinct),
                Include = fields.List(Include),
                Where = fields.Get(Where),
                With = fields.Get(With),
                Tablespace = fields.Get(Tablespace),
            }
        )
        {
            Judge = (create, fields) =>
            {
                if (create.Columns.Count == 0)
                {
                    fields.Refuse(Columns, "'columns' is empty", "Name a column, or give an expression.");
                }

                if (create.NullsNotDistinct && !create.Unique)
                {
                    fields.Refuse(
                        NullsNotDistinct,
                        "'nulls_not_distinct' needs 'unique'",
                        "Add 'unique: true', or leave it out."
                    );
                }
            },
        };
}
