using System.Text.Json.Nodes;

namespace Segue.Yaml;

/// <summary>A list of values of one type; may be empty.</summary>
internal sealed class ListValue<T>(Value<T> item) : Value<IReadOnlyList<T>>
    where T : notnull
{
    public override Node Write(IReadOnlyList<T> value) =>
        new ListNode(Position.WholeFile, [.. value.Select(item.Write)]);

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = item.Schema() };

    public override IEnumerable<KeyNeed> Needs(IReadOnlyList<T> value) => value.SelectMany(item.Needs);

    protected override IReadOnlyList<T> ReadNode(Node node, string what, Problems problems)
    {
        if (node is ListNode list)
        {
            return [.. list.Items.Select(entry => item.Read(entry, what, problems))];
        }

        problems.Add(
            node.Position,
            $"'{what}' must be a list, not {node.Noun}",
            "Begin each of its items with '- ' on a line of its own."
        );
        return [];
    }
}
