using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of the kinds for constraints of an existing table.</summary>
internal static class ConstraintKeys
{
    private static readonly Key<AddCheck, bool> NoInherit = new(
        "no_inherit",
        FlagValue.Instance,
        add => add.NoInherit,
        "true: child tables do not inherit it. Not for partitioned tables."
    )
    {
        Needs = ServerFeature.InheritedChecks,
    };

    private static readonly Key<AddCheck, string> CheckExpression = new(
        "check",
        TextValue.Sql,
        add => add.Check,
        "A boolean SQL expression that every row must satisfy. Rows that violate it are reported "
            + "before anything is changed."
    )
    {
        Required = true,
        Examples = ["total >= 0"],
        KnownElsewhereAs = ["expression", "constraint", "condition"],
    };

    private static readonly Key<AddForeignKey, ForeignKeyReference> References = new(
        "references",
        ForeignKeyKeys.OfTable,
        add => add.References,
        "The parent's side. Rows without a parent are reported before anything is changed."
    )
    {
        Required = true,
        Examples = ["{ table: currencies, columns: [code] }"],
    };

    private static readonly Key<AddForeignKey, IReadOnlyDictionary<string, string>> Repair = new(
        "repair",
        OptionsValue.Assignments,
        add => add.Repair,
        "New values for the columns of rows without a parent, written in small batches: SQL "
            + "expressions over the row. Default: such rows stop the change."
    )
    {
        Default = OptionsValue.None,
        Examples = ["{ customer_id: \"null\" }"],
    };

    private static readonly Key<AddUnique, bool> NullsNotDistinct = new(
        "nulls_not_distinct",
        FlagValue.Instance,
        add => add.NullsNotDistinct,
        "true: two NULLs count as the same value. Not every server version has it."
    )
    {
        Needs = ServerFeature.NullsNotDistinct,
    };

    private static readonly Key<AddUnique, bool> Deferrable = new(
        "deferrable",
        FlagValue.Instance,
        add => add.Deferrable,
        "true: a transaction may defer the check to its end. ON CONFLICT cannot use such a constraint."
    )
    {
        Needs = ServerFeature.DeferrableConstraints,
    };

    private static readonly Key<AddUnique, bool> InitiallyDeferred = new(
        "initially_deferred",
        FlagValue.Instance,
        add => add.InitiallyDeferred,
        "true: every transaction defers the check. Needs deferrable."
    );

    private static readonly Key<AddExclusion, string> Method = new(
        "method",
        NameValue.Instance,
        add => add.Method,
        "The access method of its index: gist, spgist, or an extension's."
    )
    {
        Default = "gist",
        KnownElsewhereAs = ["using"],
    };

    private static readonly Key<AddExclusion, IReadOnlyList<ExclusionElement>> Elements = new(
        "elements",
        new ListValue<ExclusionElement>(ExclusionElementValue.Instance),
        add => add.Elements,
        "What is compared: no two rows may satisfy all operators."
    )
    {
        Required = true,
        Examples = ["[{ column: during, operator: \"&&\" }]"],
    };

    private static readonly Key<AddExclusion, IReadOnlyList<string>> ExclusionInclude = Include<AddExclusion>(add =>
        add.Include
    );

    private static readonly Key<AddExclusion, string> Where = new(
        "where",
        TextValue.Sql,
        add => add.Where,
        "A boolean SQL expression: only rows that satisfy it are compared."
    )
    {
        KnownElsewhereAs = ["predicate"],
    };

    private static readonly Key<AddExclusion, bool> ExclusionDeferrable = new(
        "deferrable",
        FlagValue.Instance,
        add => add.Deferrable,
        "true: a transaction may defer the check to its end."
    );

    private static readonly Key<AddExclusion, bool> ExclusionDeferred = new(
        "initially_deferred",
        FlagValue.Instance,
        add => add.InitiallyDeferred,
        "true: every transaction defers the check. Needs deferrable."
    );

    private static readonly Key<RenameConstraint, string> To = new(
        "to",
        NameValue.Instance,
        rename => rename.To,
        "The new name."
    )
    {
        Required = true,
        Examples = ["orders_total_not_negative"],
        KnownElsewhereAs = ["new_name"],
    };

    public static MapShape<AddCheck> Check { get; } =
        Shape(
            "add_check",
            "Adds a CHECK to a table that has rows.",
            NewName<AddCheck>(add => add.Name, "orders_total_check"),
            [CheckExpression, NoInherit],
            (fields, table, name) =>
                new AddCheck
                {
                    Table = table,
                    Name = name,
                    Check = fields.Get(CheckExpression),
                    NoInherit = fields.Get(NoInherit),
                }
        );

    public static MapShape<AddForeignKey> ForeignKey { get; } =
        WithColumns(
            "add_foreign_key",
            "Adds a foreign key to a table that has rows.",
            NewName<AddForeignKey>(add => add.Name, "orders_currency_fkey"),
            add => add.Columns,
            [References, Repair],
            (fields, table, name, columns) =>
                new AddForeignKey
                {
                    Table = table,
                    Name = name,
                    Columns = columns,
                    References = fields.Get(References),
                    Repair = fields.Get(Repair),
                },
            (add, fields, columns) =>
            {
                if (add.References.Columns.Count > 0 && add.References.Columns.Count != add.Columns.Count)
                {
                    fields.Refuse(
                        columns,
                        $"'columns' has {add.Columns.Count}, and those of 'references' are "
                            + $"{add.References.Columns.Count}",
                        "Name as many on both sides, in the same order."
                    );
                }

                if (
                    add.References.OnDeleteColumns.FirstOrDefault(column => !add.Columns.Contains(column)) is
                    { } stranger
                )
                {
                    fields.Refuse(
                        References,
                        $"'on_delete_columns' names '{Excerpt.Of(stranger)}', which is not in 'columns'",
                        "Name columns of the key."
                    );
                }
            }
        );

    public static MapShape<AddUnique> Unique { get; } = UniqueShape();

    public static MapShape<AddPrimaryKey> PrimaryKey { get; } = PrimaryKeyShape();

    public static MapShape<AddExclusion> Exclusion { get; } =
        Shape(
            "add_exclusion",
            "Adds an EXCLUDE constraint to a table so small that its index is built in a moment.",
            NewName<AddExclusion>(add => add.Name, "bookings_during_excl"),
            [Method, Elements, ExclusionInclude, Where, ExclusionDeferrable, ExclusionDeferred],
            (fields, table, name) =>
                new AddExclusion
                {
                    Table = table,
                    Name = name,
                    Method = fields.Get(Method),
                    Elements = fields.List(Elements),
                    Include = fields.List(ExclusionInclude),
                    Where = fields.Get(Where),
                    Deferrable = fields.Get(ExclusionDeferrable),
                    InitiallyDeferred = fields.Get(ExclusionDeferred),
                }
        ) with
        {
            Judge = (add, fields) =>
            {
                if (add.Elements.Count == 0)
                {
                    fields.Refuse(Elements, "'elements' is empty", "Name a column and an operator.");
                }

                if (add.InitiallyDeferred && !add.Deferrable)
                {
                    fields.Refuse(
                        ExclusionDeferred,
                        "'initially_deferred' needs 'deferrable'",
                        "Add 'deferrable: true'."
                    );
                }
            },
        };

    public static MapShape<DropConstraint> Drop { get; } =
        Shape(
            "drop_constraint",
            "Drops a constraint, once completing the change confirms that no running version of the app relies on it.",
            KnownName<DropConstraint>(drop => drop.Name),
            [],
            (_, table, name) => new DropConstraint { Table = table, Name = name! }
        );

    public static MapShape<RenameConstraint> Rename { get; } =
        Shape(
            "rename_constraint",
            "Renames a constraint.",
            KnownName<RenameConstraint>(rename => rename.Name),
            [To],
            (fields, table, name) =>
                new RenameConstraint
                {
                    Table = table,
                    Name = name!,
                    To = fields.Get(To),
                }
        );

    private static MapShape<AddUnique> UniqueShape()
    {
        Key<AddUnique, IReadOnlyList<string>> include = Include<AddUnique>(add => add.Include);
        return WithColumns(
            "add_unique",
            "Adds a UNIQUE constraint to a table that has rows. Duplicate values are reported before "
                + "anything is changed.",
            NewName<AddUnique>(add => add.Name, "orders_number_key"),
            add => add.Columns,
            [include, NullsNotDistinct, Deferrable, InitiallyDeferred],
            (fields, table, name, columns) =>
                new AddUnique
                {
                    Table = table,
                    Name = name,
                    Columns = columns,
                    Include = fields.List(include),
                    NullsNotDistinct = fields.Get(NullsNotDistinct),
                    Deferrable = fields.Get(Deferrable),
                    InitiallyDeferred = fields.Get(InitiallyDeferred),
                },
            (add, fields, _) =>
            {
                if (add.InitiallyDeferred && !add.Deferrable)
                {
                    fields.Refuse(
                        InitiallyDeferred,
                        "'initially_deferred' needs 'deferrable'",
                        "Add 'deferrable: true'."
                    );
                }
            }
        );
    }

    private static MapShape<AddPrimaryKey> PrimaryKeyShape()
    {
        Key<AddPrimaryKey, IReadOnlyList<string>> include = Include<AddPrimaryKey>(add => add.Include);
        return WithColumns(
            "add_primary_key",
            "Adds a primary key to a table that has rows. Duplicate and missing keys are reported "
                + "before anything is changed.",
            NewName<AddPrimaryKey>(add => add.Name, "orders_pkey"),
            add => add.Columns,
            [include],
            (fields, table, name, columns) =>
                new AddPrimaryKey
                {
                    Table = table,
                    Name = name,
                    Columns = columns,
                    Include = fields.List(include),
                },
            (_, _, _) => { }
        );
    }

    private static MapShape<T> WithColumns<T>(
        string kind,
        string description,
        Key<T, string> name,
        Func<T, IReadOnlyList<string>> get,
        IReadOnlyList<Key<T>> others,
        Func<Fields<T>, TableName, string?, ValueList<string>, T> build,
        Action<T, Fields<T>, Key<T>> judge
    )
        where T : TableOperation
    {
        Key<T, IReadOnlyList<string>> columns = new(
            "columns",
            new ListValue<string>(NameValue.Instance),
            get,
            "Its columns, in order."
        )
        {
            Required = true,
            Examples = ["[currency]"],
            KnownElsewhereAs = ["column"],
        };
        return Shape(
            kind,
            description,
            name,
            [columns, .. others],
            (fields, table, named) => build(fields, table, named, fields.List(columns))
        ) with
        {
            Judge = (add, fields) =>
            {
                if (get(add) is [])
                {
                    fields.Refuse(columns, "'columns' is empty", "Name at least one column.");
                }
                else if (get(add).GroupBy(column => column).FirstOrDefault(same => same.Count() > 1) is { } twice)
                {
                    fields.Refuse(columns, $"'columns' names '{Excerpt.Of(twice.Key)}' twice", "Keep one of the two.");
                }

                judge(add, fields, columns);
            },
        };
    }

    private static MapShape<T> Shape<T>(
        string kind,
        string description,
        Key<T, string> name,
        IReadOnlyList<Key<T>> others,
        Func<Fields<T>, TableName, string?, T> build
    )
        where T : TableOperation
    {
        Key<T, TableName> table = new("table", TableNameValue.Instance, operation => operation.Table, "The table.")
        {
            Required = true,
            Examples = ["orders"],
            KnownElsewhereAs = ["on"],
        };
        return new MapShape<T>(
            kind,
            description,
            [table, name, .. others],
            fields => build(fields, fields.Get(table), fields.Get(name))
        );
    }

    private static Key<T, string> NewName<T>(Func<T, string?> get, string example) =>
        new(
            "name",
            NameValue.Instance,
            get,
            $"The constraint's exact name. Default: the server's name for it, e.g. {example}."
        )
        {
            Examples = [example],
            KnownElsewhereAs = ["constraint"],
        };

    private static Key<T, string> KnownName<T>(Func<T, string?> get) =>
        new("name", NameValue.Instance, get, "The constraint's exact name.")
        {
            Required = true,
            Examples = ["orders_total_check"],
            KnownElsewhereAs = ["constraint", "from"],
        };

    private static Key<T, IReadOnlyList<string>> Include<T>(Func<T, IReadOnlyList<string>> get) =>
        new(
            "include",
            new ListValue<string>(NameValue.Instance),
            get,
            "Additional columns that the index stores, for index-only scans."
        )
        {
            Default = [],
            Examples = ["[total]"],
            Needs = ServerFeature.IncludedColumns,
        };
}
