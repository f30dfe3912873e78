using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>The list under <c>operations</c>: at least one, and none twice.</summary>
internal sealed class OperationsValue : Value<IReadOnlyList<Operation>>
{
    public static OperationsValue Instance { get; } = new();

    private static readonly ListValue<Operation> List = new(OperationValue.Instance);

    public override string NullRemedy => OperationValue.Instance.NullRemedy;

    public override Node Write(IReadOnlyList<Operation> value) => List.Write(value);

    public override JsonObject Schema()
    {
        JsonObject schema = List.Schema();
        schema["minItems"] = 1;
        return schema;
    }

    protected override IReadOnlyList<Operation> ReadNode(Node node, string what, Problems problems)
    {
        IReadOnlyList<Operation> operations = List.Read(node, what, problems);
        if (node is not ListNode list)
        {
            return operations;
        }

        if (operations.Count == 0)
        {
            problems.Add(node.Position, $"'{what}' is empty", NullRemedy);
        }

        Dictionary<(TableName, string), int> lines = [];
        foreach ((Operation operation, Node item) in operations.Zip(list.Items))
        {
            // Null if the item was rejected; its names may be null if they were.
            if (
                operation is AddColumn { Table: { Name: not null } table, Name: not null and var name }
                && !lines.TryAdd((table, name), item.Position.Line)
            )
            {
                string column = $"column '{Excerpt.Of(name)}' of {Excerpt.Of(table.ToString())}";
                problems.Add(
                    item.Position,
                    $"{column} is added twice, first on line {lines[(table, name)]}",
                    "Keep one of the two."
                );
            }
        }

        return operations;
    }
}
