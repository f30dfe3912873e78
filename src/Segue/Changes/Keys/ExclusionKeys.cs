using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The keys of <c>add_exclusion</c>.</summary>
internal static class ExclusionKeys
{
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

    private static readonly Key<AddExclusion, IReadOnlyList<string>> Include = SharedKeys.Include<AddExclusion>(add =>
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

    private static readonly Key<AddExclusion, bool> Deferrable = new(
        "deferrable",
        FlagValue.Instance,
        add => add.Deferrable,
        "true: a transaction may defer the check to its end."
    );

    private static readonly Key<AddExclusion, bool> InitiallyDeferred = new(
        "initially_deferred",
        FlagValue.Instance,
        add => add.InitiallyDeferred,
        "true: every transaction defers the check. Needs deferrable."
    );

    public static MapShape<AddExclusion> Shape { get; } =
        ConstraintShape.Of(
            "add_exclusion",
            "Adds an EXCLUDE constraint to a table so small that its index is built in a moment.",
            ConstraintShape.NewName<AddExclusion>(add => add.Name, "bookings_during_excl"),
            [Method, Elements, Include, Where, Deferrable, InitiallyDeferred],
            (fields, table, name) =>
                new AddExclusion
                {
                    Table = table,
                    Name = name,
                    Method = fields.Get(Method),
                    Elements = fields.List(Elements),
                    Include = fields.List(Include),
                    Where = fields.Get(Where),
                    Deferrable = fields.Get(Deferrable),
                    InitiallyDeferred = fields.Get(InitiallyDeferred),
                }
        ) with
        {
            Judge = (add, fields) =>
            {
                if (add.Elements.Count == 0)
                {
                    fields.Refuse(Elements, "'elements' is empty", "Name a column and an operator.");
                }

                ConstraintShape.RefuseDeferred(fields, InitiallyDeferred, add.Deferrable, add.InitiallyDeferred);
            },
        };
}
