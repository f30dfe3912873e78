using System.Text.Json.Nodes;
using Segue.Changes.Yaml;

namespace Segue.Changes;

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
            // Null where the item was refused; its names may be null where they were.
            if (operation is AddColumn { Table.Name: not null, Name: not null } add && !lines.TryAdd((add.Table, add.Name), item.Position.Line))
            {
                problems.Add(
                    item.Position,
                    $"column '{Excerpt.Of(add.Name)}' of {Excerpt.Of(add.Table.ToString())} is added twice, first on line {lines[(add.Table, add.Name)]}",
                    "Keep one of the two.");
            }
        }

        return operations;
    }
}
