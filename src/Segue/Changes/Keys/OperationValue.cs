using System.Text.Json.Nodes;
using Segue.Yaml;

namespace Segue.Changes.Keys;

/// <summary>
/// One item of <c>operations</c>: a map with one key, the change kind. The only place where kinds are listed by name.
/// </summary>
internal sealed class OperationValue : Value<Operation>
{
    public static OperationValue Instance { get; } = new();

    private static readonly IReadOnlyList<Kind> Known =
    [
        Kind.Of(AddColumnKeys.Shape),
        Kind.Of(AlterColumnKeys.Shape),
        Kind.Of(DropColumnKeys.Shape),
        Kind.Of(RenameColumnKeys.Shape),
        Kind.Of(CreateIndexKeys.Shape),
        Kind.Of(IndexKeys.Drop),
        Kind.Of(IndexKeys.Rename),
        Kind.Of(IndexKeys.Replace),
        Kind.Of(IndexKeys.Reindex),
        Kind.Of(ConstraintKeys.Check),
        Kind.Of(ConstraintKeys.ForeignKey),
        Kind.Of(ConstraintKeys.Unique),
        Kind.Of(ConstraintKeys.PrimaryKey),
        Kind.Of(ExclusionKeys.Shape),
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
        $"Write an operation, e.g. '- {Known[0].Name}:' with its keys indented below it.";

    public static IReadOnlyList<ChangeKind> Kinds { get; } = [.. Known.Select(kind => kind.Described)];

    public static ChangeKind KindOf(Operation operation) => operation.Accept(new WrittenAs()).Kind;

    /// <summary>The operation's keys with what they mean; see <see cref="CommentedText"/>.</summary>
    public static string Commented(Operation operation, int indent) =>
        operation.Accept(new WrittenAs()).Commented(indent);

    /// <summary>Keys of the operation that not every server has.</summary>
    public override IEnumerable<KeyNeed> Needs(Operation value) => value.Accept(new WrittenAs()).Needs();

    public override Node Write(Operation value) => value.Accept(new WrittenAs()).Node();

    public override JsonObject Schema() =>
        new()
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(
                Known.Select(kind => KeyValuePair.Create(kind.Name, (JsonNode?)kind.Schema()))
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

        string? meant = Nearest.To(first.Key, Known.Select(known => known.Name));
        string hint = meant is null ? "" : $"; did you mean '{meant}'?";
        problems.Add(
            first.Position,
            $"unknown operation '{Excerpt.Of(first.Key)}'{hint}",
            $"Known operations: {string.Join(", ", Known.Select(known => known.Name))}."
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

    private static Kind? Find(string name) => Known.FirstOrDefault(kind => kind.Name == name);

    private sealed record Kind(
        string Name,
        Func<Node, Problems, Operation> Read,
        Func<JsonObject> Schema,
        ChangeKind Described
    )
    {
        public static Kind Of<T>(MapShape<T> shape)
            where T : Operation
        {
            MapValue<T> value = new(shape);
            return new Kind(
                shape.Name,
                (node, problems) => value.Read(node, shape.Name, problems),
                value.Schema,
                ChangeKind.Of(shape)
            );
        }
    }

    /// <summary>Makes a kind that cannot be written a compile error.</summary>
    private sealed class WrittenAs : IOperationVisitor<Written>
    {
        public Written Visit(AddColumn operation) => Of(AddColumnKeys.Shape, operation);

        public Written Visit(AlterColumn operation) => Of(AlterColumnKeys.Shape, operation);

        public Written Visit(DropColumn operation) => Of(DropColumnKeys.Shape, operation);

        public Written Visit(RenameColumn operation) => Of(RenameColumnKeys.Shape, operation);

        public Written Visit(CreateIndex operation) => Of(CreateIndexKeys.Shape, operation);

        public Written Visit(DropIndex operation) => Of(IndexKeys.Drop, operation);

        public Written Visit(RenameIndex operation) => Of(IndexKeys.Rename, operation);

        public Written Visit(ReplaceIndex operation) => Of(IndexKeys.Replace, operation);

        public Written Visit(Reindex operation) => Of(IndexKeys.Reindex, operation);

        public Written Visit(AddCheck operation) => Of(ConstraintKeys.Check, operation);

        public Written Visit(AddForeignKey operation) => Of(ConstraintKeys.ForeignKey, operation);

        public Written Visit(AddUnique operation) => Of(ConstraintKeys.Unique, operation);

        public Written Visit(AddPrimaryKey operation) => Of(ConstraintKeys.PrimaryKey, operation);

        public Written Visit(AddExclusion operation) => Of(ExclusionKeys.Shape, operation);

        public Written Visit(DropConstraint operation) => Of(ConstraintKeys.Drop, operation);

        public Written Visit(RenameConstraint operation) => Of(ConstraintKeys.Rename, operation);

        public Written Visit(BackfillRows operation) => Of(RowKeys.Backfill, operation);

        public Written Visit(PruneRows operation) => Of(RowKeys.Prune, operation);

        public Written Visit(RawSql operation) => Of(RawSqlKeys.Shape, operation);

        public Written Visit(CreateEnumType operation) => Of(EnumKeys.Create, operation);

        public Written Visit(AddEnumValue operation) => Of(EnumKeys.Add, operation);

        public Written Visit(RenameEnumValue operation) => Of(EnumKeys.Rename, operation);

        public Written Visit(CreateDomain operation) => Of(DomainKeys.Create, operation);

        public Written Visit(AlterDomain operation) => Of(DomainKeys.Alter, operation);

        public Written Visit(SetOptions operation) => Of(SetOptionsKeys.Shape, operation);

        public Written Visit(AttachPartition operation) => Of(PartitionKeys.Attach, operation);

        public Written Visit(DetachPartition operation) => Of(PartitionKeys.Detach, operation);

        public Written Visit(CreateTable operation) => Of(CreateTableKeys.Shape, operation);

        public Written Visit(RenameTable operation) => Of(TableKeys.Rename, operation);

        public Written Visit(DropTable operation) => Of(TableKeys.Drop, operation);

        private static Written<T> Of<T>(MapShape<T> shape, T operation)
            where T : Operation => new(shape, operation);
    }

    /// <summary>An operation beside the shape it is written in.</summary>
    private abstract record Written
    {
        public abstract ChangeKind Kind { get; }

        public abstract MapNode Node();

        public abstract string Commented(int indent);

        public abstract IEnumerable<KeyNeed> Needs();
    }

    private sealed record Written<T>(MapShape<T> Shape, T Operation) : Written
        where T : Operation
    {
        public override ChangeKind Kind => ChangeKind.Of(Shape);

        public override MapNode Node() =>
            new(
                Position.WholeFile,
                [new MapEntry(Position.WholeFile, Shape.Name, new MapValue<T>(Shape).Write(Operation))]
            );

        public override IEnumerable<KeyNeed> Needs() => new MapValue<T>(Shape).Needs(Operation);

        public override string Commented(int indent) => CommentedText.Of(Shape, Operation, indent);
    }
}
