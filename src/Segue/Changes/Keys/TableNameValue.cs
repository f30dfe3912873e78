using System.Text;
using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>
/// <c>orders</c>, <c>sales.orders</c>, <c>sales."Order.Lines"</c> or <c>{ schema: sales, name: orders }</c>. A part
/// without quotes is
/// the exact name as well: nothing is folded to lower case. In quotes a part may hold dots, and <c>""</c> stands for
/// one quote.
/// </summary>
internal sealed class TableNameValue : Value<TableName>
{
    private static readonly Key<TableName, string> SchemaKey = new(
        "schema",
        NameValue.Instance,
        table => table.Schema,
        "The schema's exact name. Default: found on the search path."
    )
    {
        Examples = ["sales"],
    };

    public static TableNameValue Instance { get; } = new("a table", "orders");

    /// <summary>The same for an index, which is named like a table.</summary>
    public static TableNameValue OfIndex { get; } = new("an index", "orders_region_idx");

    public static TableNameValue OfType { get; } = new("a type", "order_status");

    public static TableNameValue OfDomain { get; } = new("a domain", "email_address");

    private readonly string _withArticle;
    private readonly string _example;
    private readonly MapValue<TableName> _map;

    /// <param name="withArticle">E.g. <c>a table</c>.</param>
    private TableNameValue(string withArticle, string example)
    {
        (_withArticle, _example) = (withArticle, example);
        string noun = withArticle.Split(' ')[1];
        Key<TableName, string> name = new("name", NameValue.Instance, named => named.Name, $"The {noun}'s exact name.")
        {
            Required = true,
            Examples = [example],
        };
        _map = new(
            new MapShape<TableName>(
                noun,
                $"The {noun}, schema and name apart.",
                [SchemaKey, name],
                fields => new TableName(fields.Get(SchemaKey), fields.Get(name))
            )
        );
    }

    public override KeyForm Form => KeyForm.Text;

    public override Node Write(TableName value) =>
        new ScalarNode(
            Position.WholeFile,
            value.Schema is null ? Quoted(value.Name) : $"{Quoted(value.Schema)}.{Quoted(value.Name)}",
            Plain: false
        );

    public override JsonObject Schema() =>
        new()
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = new JsonArray("string", "number", "boolean"), ["minLength"] = 1 },
                _map.Schema()
            ),
        };

    protected override TableName ReadNode(Node node, string what, Problems problems)
    {
        if (node is MapNode)
        {
            return _map.Read(node, what, problems);
        }

        if (node is not ScalarNode scalar)
        {
            problems.Add(
                node.Position,
                $"'{what}' must be {_withArticle}'s name, not {node.Noun}",
                $"Write '{_example}' or 'schema.{_example}'."
            );
            return new TableName(null, "");
        }

        List<string>? parts = Split(scalar.Text);
        if (parts is not { Count: 1 or 2 })
        {
            problems.Add(
                node.Position,
                $"'{what}' is not {_withArticle}'s name: '{Excerpt.Of(scalar.Text)}'",
                $"Write '{_example}' or 'sales.{_example}'. Put a part with dots or outer blanks in SQL "
                    + "quotes: 'sales.\"Order.Lines\"'."
            );
            return new TableName(null, "");
        }

        foreach (string part in parts)
        {
            NameValue.Judge(part, node.Position, what, problems);
        }

        return parts.Count == 1 ? new TableName(null, parts[0]) : new TableName(parts[0], parts[1]);
    }

    private static string Quoted(string part) =>
        part.Length > 0 && part.AsSpan().IndexOfAny('.', '"') < 0 && part.AsSpan().Trim().Length == part.Length
            ? part
            : $"\"{part.Replace("\"", "\"\"")}\"";

    /// <returns>Null if the text is not parts joined by dots.</returns>
    private static List<string>? Split(string text)
    {
        List<string> parts = [];
        int at = 0;
        while (true)
        {
            string? part = at < text.Length && text[at] == '"' ? QuotedPart(text, ref at) : BarePart(text, ref at);
            if (part is null)
            {
                return null;
            }

            parts.Add(part);
            if (at == text.Length)
            {
                return parts;
            }

            if (text[at++] != '.')
            {
                return null;
            }
        }
    }

    private static string? BarePart(string text, ref int at)
    {
        int end = text.IndexOf('.', at);
        string part = text[at..(end < 0 ? text.Length : end)];
        at += part.Length;
        return part.Contains('"') || part.AsSpan().Trim().Length != part.Length ? null : part;
    }

    private static string? QuotedPart(string text, ref int at)
    {
        StringBuilder part = new();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"')
            {
                part.Append(text[at]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                part.Append('"');
                at++;
            }
            else
            {
                at++;
                return part.ToString();
            }
        }

        return null;
    }
}
