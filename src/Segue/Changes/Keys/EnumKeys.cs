using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for enum types.</summary>
internal static class EnumKeys
{
    private static readonly Key<CreateEnumType, TableName> Name = new(
        "name",
        TableNameValue.OfType,
        create => create.Name,
        "The new type, with its schema if that is not the first of the search path. Names are exact."
    )
    {
        Required = true,
        Examples = ["order_status"],
        KnownElsewhereAs = ["type", "enum"],
    };

    private static readonly Key<CreateEnumType, IReadOnlyList<string>> Labels = new(
        "labels",
        new ListValue<string>(NameValue.Instance),
        create => create.Labels,
        "Its labels, in sort order. Exact, up to 63 bytes each."
    )
    {
        Required = true,
        Examples = ["[open, paid]"],
        KnownElsewhereAs = ["values"],
    };

    private static readonly Key<CreateEnumType, string> Comment = new(
        "comment",
        TextValue.Plain,
        create => create.Comment,
        "The comment the server keeps with the type."
    )
    {
        Examples = ["The state of an order"],
    };

    private static readonly Key<AddEnumValue, TableName> Extended = Type<AddEnumValue>(add => add.Type);

    private static readonly Key<AddEnumValue, string> Value = new(
        "value",
        NameValue.Instance,
        add => add.Value,
        "The new label, exact, up to 63 bytes."
    )
    {
        Required = true,
        Examples = ["refunded"],
        KnownElsewhereAs = ["label", "name"],
    };

    private static readonly Key<AddEnumValue, string> Before = new(
        "before",
        NameValue.Instance,
        add => add.Before,
        "The label that it precedes in sort order. Default: it sorts last."
    )
    {
        Examples = ["paid"],
    };

    private static readonly Key<AddEnumValue, string> After = new(
        "after",
        NameValue.Instance,
        add => add.After,
        "The label that it follows in sort order."
    )
    {
        Examples = ["paid"],
    };

    private static readonly Key<RenameEnumValue, TableName> Renamed = Type<RenameEnumValue>(rename => rename.Type);

    private static readonly Key<RenameEnumValue, string> From = new(
        "from",
        NameValue.Instance,
        rename => rename.From,
        "The current label."
    )
    {
        Required = true,
        Examples = ["canceled"],
        KnownElsewhereAs = ["value", "label", "old_name"],
    };

    private static readonly Key<RenameEnumValue, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new label."
    )
    {
        Required = true,
        Examples = ["cancelled"],
        KnownElsewhereAs = ["new_name", "new_value"],
    };

    public static MapShape<CreateEnumType> Create { get; } =
        new(
            "create_enum",
            "Creates an enum type.",
            [Name, Labels, Comment],
            fields => new CreateEnumType
            {
                Name = fields.Get(Name),
                Labels = fields.List(Labels),
                Comment = fields.Get(Comment),
            }
        )
        {
            Judge = (create, fields) =>
            {
                if (create.Labels.Count == 0)
                {
                    fields.Refuse(Labels, "'labels' is empty", "Name at least one label.");
                }
                else if (create.Labels.GroupBy(label => label).FirstOrDefault(same => same.Count() > 1) is { } twice)
                {
                    fields.Refuse(Labels, $"'labels' names '{Excerpt.Of(twice.Key)}' twice", "Keep one of the two.");
                }
            },
        };

    public static MapShape<AddEnumValue> Add { get; } =
        new(
            "add_enum_value",
            "Adds a label to an enum type, permanently: the server cannot remove it.",
            [Extended, Value, Before, After],
            fields => new AddEnumValue
            {
                Type = fields.Get(Extended),
                Value = fields.Get(Value),
                Before = fields.Get(Before),
                After = fields.Get(After),
            }
        )
        {
            Exclusions = [new(Before, After, "Name one neighbour.")],
            Judge = (add, fields) =>
            {
                if ((add.Before ?? add.After) == add.Value)
                {
                    fields.Refuse(
                        Value,
                        $"'{Excerpt.Of(add.Value)}' cannot be its own neighbour",
                        "Name another label."
                    );
                }
            },
        };

    public static MapShape<RenameEnumValue> Rename { get; } =
        new(
            "rename_enum_value",
            "Renames a label of an enum type, once completing the change confirms that no running "
                + "version of the app writes it.",
            [Renamed, From, To],
            fields => new RenameEnumValue
            {
                Type = fields.Get(Renamed),
                From = fields.Get(From),
                To = fields.Get(To),
            }
        )
        {
            Judge = (rename, fields) =>
            {
                if (rename.From == rename.To)
                {
                    fields.Refuse(To, "'from' and 'to' are the same", "Write the new name.");
                }
            },
        };

    private static Key<T, TableName> Type<T>(Func<T, TableName> get) =>
        new(
            "type",
            TableNameValue.OfType,
            get,
            "The enum type, with its schema if that is not on the search path. Names are exact."
        )
        {
            Required = true,
            Examples = ["order_status"],
            KnownElsewhereAs = ["name", "enum"],
        };
}
