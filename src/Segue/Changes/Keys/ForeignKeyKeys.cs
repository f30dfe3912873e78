using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>references</c>.</summary>
internal static class ForeignKeyKeys
{
    public static readonly Key<ForeignKeyReference, TableName> Table = new(
        "table",
        TableNameValue.Instance,
        reference => reference.Table,
        "The parent table."
    )
    {
        Required = true,
        Examples = ["currencies"],
        KnownElsewhereAs = ["name"],
    };

    public static readonly Key<ForeignKeyReference, string> Column = new(
        "column",
        NameValue.Instance,
        reference => reference.Columns is [var column] ? column : null,
        "The parent's column. Default: its primary key."
    )
    {
        Examples = ["code"],
    };

    public static readonly Key<ForeignKeyReference, IReadOnlyList<string>> Columns = new(
        "columns",
        new ListValue<string>(NameValue.Instance),
        reference => reference.Columns,
        "The parent's columns, in the order of the referencing ones. Default: its primary key."
    )
    {
        Default = [],
        Examples = ["[country, code]"],
        KnownElsewhereAs = ["column"],
    };

    public static readonly Key<ForeignKeyReference, ReferentialAction> OnDelete = new(
        "on_delete",
        ChoiceValue<ReferentialAction>.Instance,
        reference => reference.OnDelete,
        "What happens to rows whose parent is deleted."
    );

    public static readonly Key<ForeignKeyReference, ReferentialAction> OnUpdate = new(
        "on_update",
        ChoiceValue<ReferentialAction>.Instance,
        reference => reference.OnUpdate,
        "What happens to rows whose parent's key changes."
    );

    public static readonly Key<ForeignKeyReference, IReadOnlyList<string>> OnDeleteColumns = new(
        "on_delete_columns",
        new ListValue<string>(NameValue.Instance),
        reference => reference.OnDeleteColumns,
        "With on_delete set_null or set_default: the columns that are set. Default: all columns of the "
            + "key. Not every server version has it."
    )
    {
        Default = [],
        Examples = ["[code]"],
        KnownElsewhereAs = ["on_delete_set_columns"],
        Needs = ServerFeature.ForeignKeyDeleteColumns,
    };

    public static readonly Key<ForeignKeyReference, ForeignKeyMatch> Match = new(
        "match",
        ChoiceValue<ForeignKeyMatch>.Instance,
        reference => reference.Match,
        "How NULLs count in a key of several columns. simple: a row with one NULL needs no parent. "
            + "full: either all columns are NULL, or none."
    )
    {
        KnownElsewhereAs = ["match_type"],
        Needs = ServerFeature.ForeignKeyMatch,
    };

    public static readonly Key<ForeignKeyReference, bool> Deferrable = new(
        "deferrable",
        FlagValue.Instance,
        reference => reference.Deferrable,
        "true: a transaction may defer the check to its end."
    )
    {
        Needs = ServerFeature.DeferrableConstraints,
    };

    public static readonly Key<ForeignKeyReference, bool> InitiallyDeferred = new(
        "initially_deferred",
        FlagValue.Instance,
        reference => reference.InitiallyDeferred,
        "true: every transaction defers the check. Needs deferrable."
    );

    /// <summary>Under <c>add_column</c>: one column.</summary>
    public static MapValue<ForeignKeyReference> OfColumn { get; } =
        new(
            new MapShape<ForeignKeyReference>(
                "references",
                "A foreign key from the column to a parent table.",
                [Table, Column, OnDelete, OnUpdate, Deferrable, InitiallyDeferred],
                fields => Build(fields) with { Columns = fields.Has(Column) ? [fields.Get(Column)] : [] }
            )
            {
                Judge = Judge,
            }
        );

    /// <summary>Under <c>add_foreign_key</c>: any number of columns.</summary>
    public static MapValue<ForeignKeyReference> OfTable { get; } =
        new(
            new MapShape<ForeignKeyReference>(
                "references",
                "The parent's side of the foreign key.",
                [Table, Columns, OnDelete, OnDeleteColumns, OnUpdate, Match, Deferrable, InitiallyDeferred],
                fields =>
                    Build(fields) with
                    {
                        Columns = fields.List(Columns),
                        OnDeleteColumns = fields.List(OnDeleteColumns),
                        Match = fields.Get(Match),
                    }
            )
            {
                Judge = Judge,
            }
        );

    private static ForeignKeyReference Build(Fields<ForeignKeyReference> fields) =>
        new()
        {
            Table = fields.Get(Table),
            OnDelete = fields.Get(OnDelete),
            OnUpdate = fields.Get(OnUpdate),
            Deferrable = fields.Get(Deferrable),
            InitiallyDeferred = fields.Get(InitiallyDeferred),
        };

    private static void Judge(ForeignKeyReference reference, Fields<ForeignKeyReference> fields)
    {
        if (reference.InitiallyDeferred && !reference.Deferrable)
        {
            fields.Refuse(InitiallyDeferred, "'initially_deferred' needs 'deferrable'", "Add 'deferrable: true'.");
        }

        if (
            reference.OnDeleteColumns.Count > 0
            && reference.OnDelete is not (ReferentialAction.SetNull or ReferentialAction.SetDefault)
        )
        {
            fields.Refuse(
                OnDeleteColumns,
                "'on_delete_columns' needs 'on_delete: set_null' or 'on_delete: set_default'",
                "Add it, or leave the columns out."
            );
        }
    }
}
