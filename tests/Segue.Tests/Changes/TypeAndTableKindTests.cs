using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

/// <summary>
/// The kinds that are about types, storage and partitions: what is written reads back, and every mistake is told with
/// its place.
/// </summary>
public sealed class TypeAndTableKindTests
{
    private static readonly TableName Name = new("sales", "It's; \"x\"");

    public static TheoryData<Operation> Operations =>
        [
            new CreateEnumType
            {
                Name = Name,
                Labels = ["a", "true", "1", "it's: #"],
                Comment = "x: y",
            },
            new AddEnumValue
            {
                Type = Name,
                Value = "null",
                Before = "a",
            },
            new AddEnumValue
            {
                Type = Name,
                Value = "b",
                After = "~",
            },
            new RenameEnumValue
            {
                Type = Name,
                From = "a",
                To = "A",
            },
            new CreateDomain
            {
                Name = Name,
                Type = "varchar(3)",
                Collation = "C",
                Default = "'x'",
                Nullable = false,
                Checks = [new DomainCheck(null, "VALUE > 'a' -- b"), new DomainCheck("n", "true")],
                Comment = "c",
            },
            new AlterDomain
            {
                Domain = Name,
                AddCheck = new DomainCheck(null, "VALUE > 1"),
                DropConstraint = "a",
                RenameConstraint = new ConstraintNewName("b", "c"),
                Default = "1",
                Nullable = true,
                Comment = "c",
            },
            new AlterDomain
            {
                Domain = Name,
                DropDefault = true,
                Nullable = false,
                AddCheck = new DomainCheck("n", "VALUE > 1"),
            },
            new SetOptions
            {
                Table = Name,
                Reset = ["fillfactor"],
                Comment = "c",
            },
            new AttachPartition
            {
                Table = Name,
                Partition = new TableName(null, "p"),
                Values = "FROM ('a') TO (MAXVALUE)",
            },
            new AttachPartition
            {
                Table = Name,
                Partition = new TableName(null, "p"),
                Default = true,
            },
            new DetachPartition { Table = Name, Partition = new TableName(null, "p") },
            new CreateIndex
            {
                Table = Name,
                Columns =
                [
                    new IndexPart { Column = "c", Nulls = NullsOrder.First },
                    new IndexPart { Column = "d", Nulls = NullsOrder.Last },
                ],
            },
        ];

    public static TheoryData<string, string> Mistakes =>
        new()
        {
            { "create_enum: { name: e, labels: [] }", "1:46: 'labels' is empty" },
            { "create_enum: { name: e, labels: [a, b, a] }", "1:46: 'labels' names 'a' twice" },
            {
                "create_enum: { name: e, values: [a] }",
                "1:38: unknown key 'values' in create_enum; did you mean 'labels'?"
            },
            { "create_enum: { name: a.b.c, labels: [a] }", "1:35: 'name' is not a type's name: 'a.b.c'" },
            {
                "add_enum_value: { type: e, value: a, before: b, after: c }",
                "1:69: 'before' and 'after' exclude each other"
            },
            { "add_enum_value: { type: e, value: a, before: a }", "1:48: 'a' cannot be its own neighbour" },
            { "rename_enum_value: { type: e, from: a, to: a }", "1:57: 'from' and 'to' are the same" },
            { "create_domain: { name: d }", "1:29: create_domain has no 'type'" },
            {
                "create_domain: { name: d, type: int, checks: [{ name: n }] }",
                "1:60: a check of a domain has no 'check'"
            },
            { "alter_domain: { domain: d }", "1:38: alter_domain changes nothing" },
            {
                "alter_domain: { domain: d, default: 1, drop_default: true }",
                "1:67: 'default' and 'drop_default' exclude each other"
            },
            {
                "alter_domain: { domain: d, rename_constraint: { from: a, to: a } }",
                "1:75: 'from' and 'to' are the same"
            },
            { "set_options: { table: t }", "1:36: set_options changes nothing" },
            { "set_options: { table: t, set: { a: 1 }, reset: [a] }", "1:61: 'a' is set and reset" },
            {
                "attach_partition: { table: t, partition: p }",
                "1:32: a partition has either 'values' or 'default: true'"
            },
            {
                "attach_partition: { table: t, partition: p, values: IN (1), default: true }",
                "1:66: a partition has either 'values' or 'default: true'"
            },
            {
                "detach_partition: { parent: t, partition: p }",
                "1:34: unknown key 'parent' in detach_partition; did you mean 'table'?"
            },
        };

    [Theory, MemberData(nameof(Operations))]
    public void A_written_file_reads_back_equal(Operation operation)
    {
        string text = ChangeFileWriter.Write(null, [operation]);

        Operation read = ChangeFileReader
            .ReadText("a.yaml", text)
            .ShouldBeOfType<ChangeFileResult.Read>(text)
            .Change.Operations.ShouldHaveSingleItem();
        (
            read is CreateIndex index ? index with { With = ((CreateIndex)operation).With }
            : read is SetOptions options ? options with { Set = ((SetOptions)operation).Set }
            : read
        ).ShouldBe(operation);
    }

    [Fact]
    public void Parameters_are_texts_in_their_order()
    {
        SetOptions options = new()
        {
            Table = Name,
            Set = new Dictionary<string, string> { ["toast.autovacuum_enabled"] = "off", ["fillfactor"] = "80" },
        };

        SetOptions read = ChangeFileReader
            .ReadText("a.yaml", ChangeFileWriter.Write(null, [options]))
            .ShouldBeOfType<ChangeFileResult.Read>()
            .Change.Operations.ShouldHaveSingleItem()
            .ShouldBeOfType<SetOptions>();

        read.Set.ShouldBe(options.Set);
    }

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_reported_with_its_place(string operation, string expected) =>
        (
            ChangeFileReader.ReadText("a.yaml", $"operations: [{operation}]") switch
            {
                ChangeFileResult.Invalid invalid => string.Join(
                    '|',
                    invalid.Errors.Select(error => $"{error.Line}:{error.Column}: {error.Message}")
                ),
                _ => "no mistake",
            }
        ).ShouldBe(expected);
}
