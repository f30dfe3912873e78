using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>A domain's CHECK: an expression, or a map with its name as well.</summary>
internal sealed class DomainCheckValue : Value<DomainCheck>
{
    private static readonly Key<DomainCheck, string> Name = new(
        "name",
        NameValue.Instance,
        check => check.Name,
        "The constraint's exact name. Default: the server's name for it, e.g. email_address_check."
    )
    {
        Examples = ["email_address_has_at"],
        KnownElsewhereAs = ["constraint"],
    };

    private static readonly Key<DomainCheck, string> Check = new(
        "check",
        TextValue.Sql,
        check => check.Check,
        "A boolean SQL expression over VALUE."
    )
    {
        Required = true,
        Examples = ["VALUE LIKE '%@%'"],
        KnownElsewhereAs = ["expression"],
    };

    private static readonly MapValue<DomainCheck> Map = new(
        new MapShape<DomainCheck>(
            "a check of a domain",
            "A rule that every value satisfies.",
            [Name, Check],
            fields => new DomainCheck(fields.Get(Name), fields.Get(Check))
        )
    );

    public static DomainCheckValue Instance { get; } = new();

    public override KeyForm Form => KeyForm.Text;

    public override Node Write(DomainCheck value) =>
        value.Name is null ? TextValue.Sql.Write(value.Check) : Map.Write(value);

    public override JsonObject Schema() => new() { ["anyOf"] = new JsonArray(TextValue.Sql.Schema(), Map.Schema()) };

    protected override DomainCheck ReadNode(Node node, string what, Problems problems) =>
        node is MapNode
            ? Map.Read(node, what, problems)
            : new DomainCheck(null, TextValue.Sql.Read(node, what, problems));
}
