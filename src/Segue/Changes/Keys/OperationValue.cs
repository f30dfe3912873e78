using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>
/// One item of <c>operations</c>: a map with one key, the change kind. The only place where kinds are listed by name.
/// </summary>
internal sealed class OperationValue : Value<Operation>
{
    public static OperationValue Instance { get; } = new();

    private static readonly IReadOnlyList<Kind> Kinds =
    [
        Kind.Of(AddColumnKeys.Shape),
        Kind.Of(AlterColumnKeys.Shape),
        Kind.Of(CreateIndexKeys.Shape),
        Kind.Of(IndexKeys.Drop),
        Kind.Of(IndexKeys.Rename),
        Kind.Of(IndexKeys.Replace),
        Kind.Of(IndexKeys.Reindex),
        Kind.Of(ConstraintKeys.Check),
        Kind.Of(ConstraintKeys.ForeignKey),
        Kind.Of(ConstraintKeys.Unique),
        Kind.Of(ConstraintKeys.PrimaryKey),
        Kind.Of(ConstraintKeys.Exclusion),
        Kind.Of(ConstraintKeys.Drop),
        Kind.Of(ConstraintKeys.Rename),
        Kind.Of(RowKeys.Backfill),
        Kind.Of(RowKeys.Prune),
        Kind.Of(RawSqlKeys.Shape),
        Kind.Of(EnumKeys.Create),
        Kind.Of(EnumKeys.Add),
        Kind.Of(EnumKeys.Rename),
        Kind.Of(DomainKeys.Create),
        Kind.Of(DomainKeys.Alter),
        Kind.Of(SetOptionsKeys.Shape),
        Kind.Of(PartitionKeys.Attach),
        Kind.Of(PartitionKeys.Detach),
        Kind.Of(CreateTableKeys.Shape),
        Kind.Of(TableKeys.Rename),
        Kind.Of(TableKeys.Drop),
    ];

    public override string NullRemedy =>
        $"Write an operation, e.g. '- {Kinds[0].Name}:' with its keys indented below it.";

    public override Node Write(Operation value) => value.Accept(new NodeOf());

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(
                Kinds.Select(kind => KeyValuePair.Create(kind.Name, (JsonNode?)kind.Schema()))
            ),
            ["additionalProperties"] = false,
            ["minProperties"] = 1,
            ["maxProperties"] = 1,
        };

    protected override Operation ReadNode(Node node, string what, Problems problems)
    {
        if (node is not MapNode { Entries.Count: > 0 } map)
        {
            problems.Add(node.Position, $"an operation must be a map with one key, not {node.Noun}", NullRemedy);
            return null!;
        }

        MapEntry first = map.Entries[0];
        if (Find(first.Key) is { } kind)
        {
            return map.Entries.Count == 1 ? kind.Read(first.Value, problems) : RefuseMany(kind, map, problems);
        }

        string? meant = Nearest.To(first.Key, Kinds.Select(known => known.Name));
        string hint = meant is null ? "" : $"; did you mean '{meant}'?";
        problems.Add(
            first.Position,
            $"unknown operation '{Excerpt.Of(first.Key)}'{hint}",
            $"Known operations: {string.Join(", ", Kinds.Select(known => known.Name))}."
        );
        return null!;
    }

    private static Operation RefuseMany(Kind kind, MapNode map, Problems problems)
    {
        MapEntry second = map.Entries[1];
        if (map.Entries[0].Value is ScalarNode { IsNull: true })
        {
            problems.Add(
                second.Position,
                $"'{Excerpt.Of(second.Key)}' stands beside {kind.Name}, not in it",
                $"Indent the keys of {kind.Name} further than the word {kind.Name}."
            );
        }
        else
        {
            problems.Add(
                second.Position,
                $"'{Excerpt.Of(second.Key)}' is a second operation in one list item",
                "Begin it with '- ' as a separate item."
            );
        }

        return null!;
    }

    private static Kind? Find(string name) => Kinds.FirstOrDefault(kind => kind.Name == name);

    private sealed record Kind(string Name, Func<Node, Problems, Operation> Read, Func<JsonObject> Schema)
    {
        public static Kind Of<T>(MapShape<T> shape)
            where T : Operation
        {
            MapValue<T> value = new(shape);
            return new Kind(shape.Name, (node, problems) => value.Read(node, shape.Name, problems), value.Schema);
        }
    }

    /// <summary>Makes a kind that cannot be written a compile error.</summary>
    private sealed class NodeOf : IOperationVisitor<Node>
    {
        public Node Visit(AddColumn operation) => Node(AddColumnKeys.Shape, operation);

        public Node Visit(AlterColumn operation) => Node(AlterColumnKeys.Shape, operation);

        public Node Visit(CreateIndex operation) => Node(CreateIndexKeys.Shape, operation);

        public Node Visit(DropIndex operation) => Node(IndexKeys.Drop, operation);

        public Node Visit(RenameIndex operation) => Node(IndexKeys.Rename, operation);

        public Node Visit(ReplaceIndex operation) => Node(IndexKeys.Replace, operation);

        public Node Visit(Reindex operation) => Node(IndexKeys.Reindex, operation);

        public Node Visit(AddCheck operation) => Node(ConstraintKeys.Check, operation);

        public Node Visit(AddForeignKey operation) => Node(ConstraintKeys.ForeignKey, operation);

        public Node Visit(AddUnique operation) => Node(ConstraintKeys.Unique, operation);

        public Node Visit(AddPrimaryKey operation) => Node(ConstraintKeys.PrimaryKey, operation);

        public Node Visit(AddExclusion operation) => Node(ConstraintKeys.Exclusion, operation);

        public Node Visit(DropConstraint operation) => Node(ConstraintKeys.Drop, operation);

        public Node Visit(RenameConstraint operation) => Node(ConstraintKeys.Rename, operation);

        public Node Visit(BackfillRows operation) => Node(RowKeys.Backfill, operation);

        public Node Visit(PruneRows operation) => Node(RowKeys.Prune, operation);

        public Node Visit(RawSql operation) => Node(RawSqlKeys.Shape, operation);

        public Node Visit(CreateEnumType operation) => Node(EnumKeys.Create, operation);

        public Node Visit(AddEnumValue operation) => Node(EnumKeys.Add, operation);

        public Node Visit(RenameEnumValue operation) => Node(EnumKeys.Rename, operation);

        public Node Visit(CreateDomain operation) => Node(DomainKeys.Create, operation);

        public Node Visit(AlterDomain operation) => Node(DomainKeys.Alter, operation);

        public Node Visit(SetOptions operation) => Node(SetOptionsKeys.Shape, operation);

        public Node Visit(AttachPartition operation) => Node(PartitionKeys.Attach, operation);

        public Node Visit(DetachPartition operation) => Node(PartitionKeys.Detach, operation);

        public Node Visit(CreateTable operation) => Node(CreateTableKeys.Shape, operation);

        public Node Visit(RenameTable operation) => Node(TableKeys.Rename, operation);

        public Node Visit(DropTable operation) => Node(TableKeys.Drop, operation);

        private static MapNode Node<T>(MapShape<T> shape, T operation)
            where T : Operation =>
            new(
                Position.WholeFile,
                [new MapEntry(Position.WholeFile, shape.Name, new MapValue<T>(shape).Write(operation))]
            );
    }
}
