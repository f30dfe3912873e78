using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>add_column</c>, and which keys contradict each other.</summary>
internal static class AddColumnKeys
{
    public static readonly Key<AddColumn, TableName> Table = new(
        "table",
        TableNameValue.Instance,
        add => add.Table,
        "The table, with its schema if that is not on the search path. Names are exact: upper and lower case differ."
    )
    {
        Required = true,
        Examples = ["orders", "sales.orders", "sales.\"Order.Lines\""],
    };

    public static readonly Key<AddColumn, string> Name = new(
        "name",
        NameValue.Instance,
        add => add.Name,
        "The column's exact name, without SQL quotes."
    )
    {
        Required = true,
        Examples = ["currency"],
        KnownElsewhereAs = ["column", "column_name"],
    };

    public static readonly Key<AddColumn, string> Type = new(
        "type",
        TextValue.Plain,
        add => add.Type,
        "The type, as in SQL."
    )
    {
        Required = true,
        Examples = ["char(3)", "numeric(12,2)", "timestamptz"],
        KnownElsewhereAs = ["data_type"],
    };

    public static readonly Key<AddColumn, string> Collation = new(
        "collation",
        TextValue.Plain,
        add => add.Collation,
        "The collation's name. Default: the collation of the type."
    )
    {
        Examples = ["C", "de-x-icu"],
    };

    public static readonly Key<AddColumn, bool> Nullable = new(
        "nullable",
        FlagValue.Instance,
        add => add.Nullable,
        "false: NOT NULL, enforced after the backfill. Existing rows then need default, backfill, derive, "
            + "identity or generated."
    )
    {
        Default = true,
        KnownElsewhereAs = ["null", "not_null", "required"],
    };

    public static readonly Key<AddColumn, string> Default = new(
        "default",
        TextValue.Sql,
        add => add.Default,
        "An SQL expression for new rows. A text constant keeps its SQL quotes: \"'USD'\"."
    )
    {
        Examples = ["'USD'", "0", "now()"],
    };

    public static readonly Key<AddColumn, string> Backfill = new(
        "backfill",
        TextValue.Sql,
        add => add.Backfill,
        "An SQL expression over the row: the initial value of existing rows."
    )
    {
        Examples = ["coalesce(region_currency(region), 'USD')"],
        KnownElsewhereAs = ["up", "fill", "value", "using"],
    };

    public static readonly Key<AddColumn, string> Derive = new(
        "derive",
        TextValue.Sql,
        add => add.Derive,
        "An SQL expression over the row that the column always equals while old code runs."
    )
    {
        Examples = ["lower(email)"],
    };

    public static readonly Key<AddColumn, string> Check = new(
        "check",
        TextValue.Sql,
        add => add.Check,
        "A boolean SQL expression that every row must satisfy."
    )
    {
        Examples = ["currency ~ '^[A-Z]{3}$'"],
        KnownElsewhereAs = ["constraint"],
    };

    public static readonly Key<AddColumn, ForeignKeyReference> References = new(
        "references",
        ForeignKeyKeys.OfColumn,
        add => add.References,
        "A foreign key to a parent table."
    )
    {
        Examples = ["{ table: currencies, column: code }"],
        KnownElsewhereAs = ["foreign_key", "fk"],
    };

    public static readonly Key<AddColumn, bool> Unique = new(
        "unique",
        FlagValue.Instance,
        add => add.Unique,
        "true: no two rows share a value. Builds an index."
    );

    public static readonly Key<AddColumn, bool> Index = new(
        "index",
        FlagValue.Instance,
        add => add.Index,
        "true: an index on the column, built without blocking."
    );

    public static readonly Key<AddColumn, string> Comment = new(
        "comment",
        TextValue.Plain,
        add => add.Comment,
        "The comment the server keeps with the column."
    )
    {
        Examples = ["ISO 4217 code"],
    };

    public static readonly Key<AddColumn, IdentityColumn> Identity = new(
        "identity",
        IdentityKeys.Value,
        add => add.Identity,
        "The server generates numbers; such a column is never NULL."
    )
    {
        Examples = ["{ always: true }"],
    };

    public static readonly Key<AddColumn, GeneratedColumn> Generated = new(
        "generated",
        GeneratedKeys.Value,
        add => add.Generated,
        "The server computes the column from others of the same row."
    )
    {
        Examples = ["{ expression: lower(email), stored: true }"],
    };

    public static MapShape<AddColumn> Shape { get; } =
        new(
            "add_column",
            "Adds a column, with everything that belongs to it.",
            [
                Table,
                Name,
                Type,
                Collation,
                Nullable,
                Default,
                Backfill,
                Derive,
                Check,
                References,
                Unique,
                Index,
                Comment,
                Identity,
                Generated,
            ],
            Build
        )
        {
            Exclusions =
            [
                new(
                    Backfill,
                    Derive,
                    "Keep 'backfill' for a value that apps may change, 'derive' for one that follows other columns."
                ),
                .. new Key<AddColumn>[] { Default, Backfill, Derive, Generated }.Select(key => new Exclusion<AddColumn>(
                    Identity,
                    key,
                    $"Remove '{key.Name}': the server numbers new and existing rows."
                )),
                .. new Key<AddColumn>[] { Default, Backfill, Derive }.Select(key => new Exclusion<AddColumn>(
                    Generated,
                    key,
                    $"Remove '{key.Name}': the server computes every row."
                )),
            ],
            Judge = Judge,
        };

    private static AddColumn Build(Fields<AddColumn> fields) =>
        new()
        {
            Table = fields.Get(Table),
            Name = fields.Get(Name),
            Type = fields.Get(Type),
            Collation = fields.Get(Collation),
            Nullable = fields.Get(Nullable),
            Default = fields.Get(Default),
            Backfill = fields.Get(Backfill),
            Derive = fields.Get(Derive),
            Check = fields.Get(Check),
            References = fields.Get(References),
            Unique = fields.Get(Unique),
            Index = fields.Get(Index),
            Comment = fields.Get(Comment),
            Identity = fields.Get(Identity),
            Generated = fields.Get(Generated),
        };

    private static void Judge(AddColumn add, Fields<AddColumn> fields)
    {
        if (add.Identity is not null && add.Nullable && fields.Has(Nullable))
        {
            fields.Refuse(Nullable, "an identity column is never NULL", "Remove 'nullable: true'.");
        }

        bool filled =
            add.Default is not null
            || add.Backfill is not null
            || add.Derive is not null
            || add.Identity is not null
            || add.Generated is not null;
        if (!add.Nullable && !filled)
        {
            fields.Refuse(
                Nullable,
                "'nullable: false', but existing rows would have no value",
                "Add 'backfill' for existing rows, 'default' for existing and new ones, or 'derive'; or allow NULL."
            );
        }

        if (add.References is { } reference)
        {
            JudgeAction(add, "on_delete", reference.OnDelete, fields);
            JudgeAction(add, "on_update", reference.OnUpdate, fields);
        }
    }

    private static void JudgeAction(AddColumn add, string key, ReferentialAction action, Fields<AddColumn> fields)
    {
        string word = ChoiceValue<ReferentialAction>.Word(action);
        bool writes =
            action is ReferentialAction.SetNull or ReferentialAction.SetDefault
            || (action is ReferentialAction.Cascade && key == ForeignKeyKeys.OnUpdate.Name);
        if (writes && add.Generated is not null)
        {
            fields.Refuse(
                References,
                $"'{key}: {word}' would write to a generated column",
                "Choose no_action or restrict."
            );
        }
        else if (action is ReferentialAction.SetNull && (!add.Nullable || add.Identity is not null))
        {
            fields.Refuse(
                References,
                $"'{key}: {word}' contradicts 'nullable: false'",
                "Choose another action, or allow NULL."
            );
        }
        else if (action is ReferentialAction.SetDefault && add.Default is null)
        {
            fields.Refuse(References, $"'{key}: {word}' needs a default", "Add 'default', or choose another action.");
        }
    }
}
