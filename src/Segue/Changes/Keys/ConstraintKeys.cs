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
        ConstraintShape.Of(
            "add_check",
            "Adds a CHECK to a table that has rows.",
            ConstraintShape.NewName<AddCheck>(add => add.Name, "orders_total_check"),
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
        ConstraintShape.WithColumns(
            "add_foreign_key",
            "Adds a foreign key to a table that has rows.",
            ConstraintShape.NewName<AddForeignKey>(add => add.Name, "orders_currency_fkey"),
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

    public static MapShape<DropConstraint> Drop { get; } =
        ConstraintShape.Of(
            "drop_constraint",
            "Drops a constraint, once completing the change confirms that no running version of the app relies on it.",
            ConstraintShape.KnownName<DropConstraint>(drop => drop.Name),
            [],
            (_, table, name) => new DropConstraint { Table = table, Name = name! }
        );

    public static MapShape<RenameConstraint> Rename { get; } =
        ConstraintShape.Of(
            "rename_constraint",
            "Renames a constraint.",
            ConstraintShape.KnownName<RenameConstraint>(rename => rename.Name),
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
        Key<AddUnique, IReadOnlyList<string>> include = SharedKeys.Include<AddUnique>(add => add.Include);
        return ConstraintShape.WithColumns(
            "add_unique",
            "Adds a UNIQUE constraint to a table that has rows. Duplicate values are reported before "
                + "anything is changed.",
            ConstraintShape.NewName<AddUnique>(add => add.Name, "orders_number_key"),
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
                ConstraintShape.RefuseDeferred(fields, InitiallyDeferred, add.Deferrable, add.InitiallyDeferred);
            }
        );
    }

    private static MapShape<AddPrimaryKey> PrimaryKeyShape()
    {
        Key<AddPrimaryKey, IReadOnlyList<string>> include = SharedKeys.Include<AddPrimaryKey>(add => add.Include);
        return ConstraintShape.WithColumns(
            "add_primary_key",
            "Adds a primary key to a table that has rows. Duplicate and missing keys are reported "
                + "before anything is changed.",
            ConstraintShape.NewName<AddPrimaryKey>(add => add.Name, "orders_pkey"),
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
}
