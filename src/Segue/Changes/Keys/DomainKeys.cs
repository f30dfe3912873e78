using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for domains.</summary>
internal static class DomainKeys
{
    private static readonly Key<CreateDomain, TableName> Name = new(
        "name",
        TableNameValue.OfDomain,
        create => create.Name,
        "The new domain, with its schema if that is not the first of the search path. Names are exact."
    )
    {
        Required = true,
        Examples = ["email_address"],
        KnownElsewhereAs = ["domain"],
    };

    private static readonly Key<CreateDomain, string> Type = new(
        "type",
        TextValue.Plain,
        create => create.Type,
        "The underlying type, as in SQL."
    )
    {
        Required = true,
        Examples = ["text"],
        KnownElsewhereAs = ["base", "base_type"],
    };

    private static readonly Key<CreateDomain, string> Collation = new(
        "collation",
        TextValue.Plain,
        create => create.Collation,
        "The collation's name. Default: the collation of the type."
    )
    {
        Examples = ["C"],
        KnownElsewhereAs = ["collate"],
    };

    private static readonly Key<CreateDomain, string> NewDefault = Default<CreateDomain>(create => create.Default);

    private static readonly Key<CreateDomain, bool> Nullable = new(
        "nullable",
        FlagValue.Instance,
        create => create.Nullable,
        "false: NOT NULL. Such a column can then not be added to a table that has rows."
    )
    {
        Default = true,
        KnownElsewhereAs = ["not_null"],
    };

    private static readonly Key<CreateDomain, IReadOnlyList<DomainCheck>> Checks = new(
        "checks",
        new ListValue<DomainCheck>(DomainCheckValue.Instance),
        create => create.Checks,
        "Rules that every value satisfies: expressions over VALUE, or maps with a name."
    )
    {
        Default = [],
        Examples = ["[\"VALUE LIKE '%@%'\"]"],
        KnownElsewhereAs = ["check", "constraints"],
    };

    private static readonly Key<CreateDomain, string> NewComment = Comment<CreateDomain>(create => create.Comment);

    private static readonly Key<AlterDomain, TableName> Altered = new(
        "domain",
        TableNameValue.OfDomain,
        alter => alter.Domain,
        "The domain, with its schema if that is not on the search path. Names are exact."
    )
    {
        Required = true,
        Examples = ["email_address"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<AlterDomain, DomainCheck> AddCheck = new(
        "add_check",
        DomainCheckValue.Instance,
        alter => alter.AddCheck,
        "A rule that every new value must satisfy from then on: an expression over VALUE, or a map "
            + "with a name. Rows that violate it are reported before anything is changed."
    )
    {
        Examples = ["VALUE LIKE '%@%'"],
        KnownElsewhereAs = ["check"],
    };

    private static readonly Key<AlterDomain, string> DropConstraint = new(
        "drop_constraint",
        NameValue.Instance,
        alter => alter.DropConstraint,
        "The exact name of a CHECK to drop, once completing the change confirms that no running "
            + "version of the app relies on it."
    )
    {
        Examples = ["email_address_check"],
        KnownElsewhereAs = ["drop_check"],
    };

    private static readonly Key<ConstraintNewName, string> From = new(
        "from",
        NameValue.Instance,
        rename => rename.From,
        "The constraint's exact name."
    )
    {
        Required = true,
        Examples = ["email_address_check"],
    };

    private static readonly Key<ConstraintNewName, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new name."
    )
    {
        Required = true,
        Examples = ["email_address_has_at"],
    };

    private static readonly Key<AlterDomain, ConstraintNewName> RenameConstraint = new(
        "rename_constraint",
        new MapValue<ConstraintNewName>(
            new MapShape<ConstraintNewName>(
                "rename_constraint",
                "Renames a constraint of the domain.",
                [From, To],
                fields => new ConstraintNewName(fields.Get(From), fields.Get(To))
            )
            {
                Judge = (rename, fields) =>
                {
                    if (rename.From == rename.To)
                    {
                        fields.Refuse(To, "'from' and 'to' are the same", "Write the new name.");
                    }
                },
            }
        ),
        alter => alter.RenameConstraint,
        "Renames a constraint."
    )
    {
        Examples = ["{ from: email_address_check, to: email_address_has_at }"],
    };

    private static readonly Key<AlterDomain, string> SetDefault = Default<AlterDomain>(alter => alter.Default);

    private static readonly Key<AlterDomain, bool> DropDefault = new(
        "drop_default",
        FlagValue.Instance,
        alter => alter.DropDefault,
        "true: drops the default."
    );

    private static readonly Key<AlterDomain, bool> SetNullable = new(
        "nullable",
        FlagValue.Instance,
        alter => alter.Nullable,
        "true: NULL is allowed, once completing the change confirms that every running version of the "
            + "app can read it. false: NOT NULL, if all tables that use the domain are small."
    )
    {
        IsNullLeftOut = true,
    };

    private static readonly Key<AlterDomain, string> SetComment = Comment<AlterDomain>(alter => alter.Comment);

    public static MapShape<CreateDomain> Create { get; } =
        new(
            "create_domain",
            "Creates a domain: a type with rules.",
            [Name, Type, Collation, NewDefault, Nullable, Checks, NewComment],
            fields => new CreateDomain
            {
                Name = fields.Get(Name),
                Type = fields.Get(Type),
                Collation = fields.Get(Collation),
                Default = fields.Get(NewDefault),
                Nullable = fields.Get(Nullable),
                Checks = fields.List(Checks),
                Comment = fields.Get(NewComment),
            }
        );

    public static MapShape<AlterDomain> Alter { get; } =
        new(
            "alter_domain",
            "Adds or drops rules of a domain.",
            [Altered, AddCheck, DropConstraint, RenameConstraint, SetDefault, DropDefault, SetNullable, SetComment],
            fields => new AlterDomain
            {
                Domain = fields.Get(Altered),
                AddCheck = fields.Get(AddCheck),
                DropConstraint = fields.Get(DropConstraint),
                RenameConstraint = fields.Get(RenameConstraint),
                Default = fields.Get(SetDefault),
                DropDefault = fields.Get(DropDefault),
                Nullable = fields.Find(SetNullable),
                Comment = fields.Get(SetComment),
            }
        )
        {
            Typical = [AddCheck],
            Exclusions = [new(SetDefault, DropDefault, "Set a default or drop it.")],
            Judge = (alter, fields) =>
            {
                if (alter == new AlterDomain { Domain = alter.Domain })
                {
                    fields.Refuse(Altered, "alter_domain changes nothing", "Add what it changes, e.g. 'add_check:'.");
                }
            },
        };

    private static Key<T, string> Default<T>(Func<T, string?> get) =>
        new(
            "default",
            TextValue.Sql,
            get,
            "An SQL expression for columns of the domain that have no default of their own."
        )
        {
            Examples = ["''"],
        };

    private static Key<T, string> Comment<T>(Func<T, string?> get) =>
        new("comment", TextValue.Plain, get, "The comment the server keeps with the domain.")
        {
            Examples = ["An e-mail address"],
        };
}
