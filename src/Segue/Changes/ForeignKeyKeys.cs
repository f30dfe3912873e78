using Segue.Changes.Yaml;

namespace Segue.Changes;

/// <summary>The keys of <c>references</c>.</summary>
internal static class ForeignKeyKeys
{
    public static readonly Key<ForeignKeyReference, TableName> Table = new(
        "table",
        TableNameValue.Instance,
        reference => reference.Table,
        "The parent table.")
    { Required = true, Examples = ["currencies"], KnownElsewhereAs = ["name"] };

    public static readonly Key<ForeignKeyReference, string> Column = new(
        "column",
        NameValue.Instance,
        reference => reference.Column,
        "The parent's column. Default: its primary key.")
    { Examples = ["code"] };

    public static readonly Key<ForeignKeyReference, ReferentialAction> OnDelete = new(
        "on_delete",
        ChoiceValue<ReferentialAction>.Instance,
        reference => reference.OnDelete,
        "What happens to rows whose parent is deleted.");

    public static readonly Key<ForeignKeyReference, ReferentialAction> OnUpdate = new(
        "on_update",
        ChoiceValue<ReferentialAction>.Instance,
        reference => reference.OnUpdate,
        "What happens to rows whose parent's key changes.");

    public static readonly Key<ForeignKeyReference, bool> Deferrable = new(
        "deferrable", FlagValue.Instance, reference => reference.Deferrable, "A transaction may put the check off to its end.");

    public static readonly Key<ForeignKeyReference, bool> InitiallyDeferred = new(
        "initially_deferred",
        FlagValue.Instance,
        reference => reference.InitiallyDeferred,
        "Every transaction puts the check off. Needs deferrable.");

    public static MapValue<ForeignKeyReference> Value { get; } = new(new MapShape<ForeignKeyReference>(
        "references",
        "A foreign key from the column to a parent table.",
        [Table, Column, OnDelete, OnUpdate, Deferrable, InitiallyDeferred],
        fields => new ForeignKeyReference
        {
            Table = fields.Get(Table),
            Column = fields.Get(Column),
            OnDelete = fields.Get(OnDelete),
            OnUpdate = fields.Get(OnUpdate),
            Deferrable = fields.Get(Deferrable),
            InitiallyDeferred = fields.Get(InitiallyDeferred),
        })
    {
        Judge = (reference, fields) =>
        {
            if (reference.InitiallyDeferred && !reference.Deferrable)
            {
                fields.Refuse(InitiallyDeferred, "'initially_deferred' needs 'deferrable'", "Add 'deferrable: true'.");
            }
        },
    });
}
