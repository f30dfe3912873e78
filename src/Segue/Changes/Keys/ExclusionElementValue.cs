using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>One of an exclusion's <c>elements</c>: the compared value and its operator.</summary>
internal sealed class ExclusionElementValue : Value<ExclusionElement>
{
    private static readonly Key<ExclusionElement, string> Column = new(
        "column",
        NameValue.Instance,
        element => element.Part.Column,
        "The column's exact name."
    )
    {
        Examples = ["during"],
    };

    private static readonly Key<ExclusionElement, string> Expression = new(
        "expression",
        TextValue.Sql,
        element => element.Part.Expression,
        "An SQL expression over the row."
    );

    private static readonly Key<ExclusionElement, string> Collation = new(
        "collation",
        TextValue.Plain,
        element => element.Part.Collation,
        "The collation's name. Default: the collation of the column."
    );

    private static readonly Key<ExclusionElement, string> OpClass = new(
        "opclass",
        TextValue.Plain,
        element => element.Part.OpClass,
        "The operator class, as in SQL. Default: the operator class of the type."
    );

    private static readonly Key<ExclusionElement, string> Operator = new(
        "operator",
        TextValue.Plain,
        element => element.Operator,
        "The operator that compares two rows."
    )
    {
        Required = true,
        Examples = ["&&", "="],
        KnownElsewhereAs = ["with"],
    };

    private static readonly MapValue<ExclusionElement> Map = new(
        new MapShape<ExclusionElement>(
            "an item of elements",
            "What is compared, and how.",
            [Column, Expression, Collation, OpClass, Operator],
            fields => new ExclusionElement(
                new IndexPart
                {
                    Column = fields.Get(Column),
                    Expression = fields.Get(Expression),
                    Collation = fields.Get(Collation),
                    OpClass = fields.Get(OpClass),
                },
                fields.Get(Operator)
            )
        )
        {
            Exclusions = [new(Column, Expression, "An item is a column or an expression: split it into two items.")],
            Judge = (element, fields) =>
            {
                if (element.Part is { Column: null, Expression: null })
                {
                    fields.Refuse(
                        Column,
                        "an item of elements has neither 'column' nor 'expression'",
                        "Add one of them."
                    );
                }

                if (!element.Operator.All("+-*/<>=~!@#%^&|`?".Contains))
                {
                    fields.Refuse(
                        Operator,
                        $"'{Excerpt.Of(element.Operator)}' is not an operator",
                        "Write an operator such as = or &&."
                    );
                }
            },
        }
    );

    public static ExclusionElementValue Instance { get; } = new();

    public override Node Write(ExclusionElement value) => Map.Write(value);

    public override IEnumerable<KeyNeed> Needs(ExclusionElement value) => Map.Needs(value);

    public override JsonObject Schema() => Map.Schema();

    protected override ExclusionElement ReadNode(Node node, string what, Problems problems) =>
        Map.Read(node, what, problems);
}
