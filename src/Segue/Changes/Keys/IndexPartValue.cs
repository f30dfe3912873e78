using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>One of an index's <c>columns</c>: a column's name, or a map.</summary>
internal sealed class IndexPartValue : Value<IndexPart>
{
    public static IndexPartValue Instance { get; } = new();

    private static readonly Key<IndexPart, string> Column = new(
        "column",
        NameValue.Instance,
        part => part.Column,
        "The column's exact name."
    )
    {
        Examples = ["region"],
        KnownElsewhereAs = ["name"],
    };

    private static readonly Key<IndexPart, string> Expression = new(
        "expression",
        TextValue.Sql,
        part => part.Expression,
        "An SQL expression over the row."
    )
    {
        Examples = ["lower(email)"],
    };

    private static readonly Key<IndexPart, string> Collation = new(
        "collation",
        TextValue.Plain,
        part => part.Collation,
        "The collation's name. Default: the collation of the column."
    )
    {
        Examples = ["C"],
        KnownElsewhereAs = ["collate"],
    };

    private static readonly Key<IndexPart, string> OpClass = new(
        "opclass",
        TextValue.Plain,
        part => part.OpClass,
        "The operator class, with its parameters, as in SQL. Default: the operator class of the type."
    )
    {
        Examples = ["text_pattern_ops", "gist_trgm_ops(siglen=32)"],
        KnownElsewhereAs = ["operator_class", "ops"],
        Needs = ServerFeature.OperatorClasses,
    };

    private static readonly Key<IndexPart, SortOrder> Order = new(
        "order",
        ChoiceValue<SortOrder>.Instance,
        part => part.Order,
        "The direction."
    )
    {
        KnownElsewhereAs = ["sort", "direction"],
    };

    private static readonly Key<IndexPart, NullsOrder> Nulls = new(
        "nulls",
        ChoiceValue<NullsOrder>.Instance,
        part => part.Nulls,
        "Where NULLs sort. Default: last when ascending, first when descending."
    )
    {
        IsNullLeftOut = true,
    };

    private static readonly MapValue<IndexPart> Map = new(
        new MapShape<IndexPart>(
            "an item of columns",
            "A key of the index.",
            [Column, Expression, Collation, OpClass, Order, Nulls],
            fields => new IndexPart
            {
                Column = fields.Get(Column),
                Expression = fields.Get(Expression),
                Collation = fields.Get(Collation),
                OpClass = fields.Get(OpClass),
                Order = fields.Get(Order),
                Nulls = fields.Find(Nulls),
            }
        )
        {
            Exclusions = [new(Column, Expression, "An item is a column or an expression: split it into two items.")],
            Judge = (part, fields) =>
            {
                if (part is { Column: null, Expression: null })
                {
                    fields.Refuse(
                        Column,
                        "an item of columns has neither 'column' nor 'expression'",
                        "Add one of them."
                    );
                }
            },
        }
    );

    public override string NullRemedy => "Write a column's name.";

    public override Node Write(IndexPart value) =>
        value == new IndexPart { Column = value.Column } ? NameValue.Instance.Write(value.Column!) : Map.Write(value);

    public override IEnumerable<KeyNeed> Needs(IndexPart value) => Map.Needs(value);

    public override JsonObject Schema() =>
        new() { ["anyOf"] = new JsonArray(NameValue.Instance.Schema(), Map.Schema()) };

    protected override IndexPart ReadNode(Node node, string what, Problems problems) =>
        node is MapNode
            ? Map.Read(node, what, problems)
            : new IndexPart { Column = NameValue.Instance.Read(node, what, problems) };
}
