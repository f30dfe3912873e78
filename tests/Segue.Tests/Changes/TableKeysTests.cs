using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class TableKeysTests
{
    [Fact]
    public void A_table_name_is_written_as_it_was_read()
    {
        Change read = Read(
            """
            operations:
              - create_table:
                  table: sales.logs
                  columns:
                    - { name: at, type: date, nullable: false, default: now(), collation: C, comment: when }
                    - { name: id, type: bigint, identity: { always: true }, unique: true }
                    - { name: twice, type: int, generated: { expression: id * 2, stored: true }, check: twice > 0 }
                    - { name: code, type: text, references: { table: codes } }
                  primary_key: [id, at]
                  constraints:
                    - check: { name: sane, check: id > 0, no_inherit: true }
                    - unique: { columns: [id, at], deferrable: true }
                    - foreign_key: { columns: [code],
                        references: { table: codes, columns: [code], on_delete: cascade } }
                    - exclusion: { elements: [{ column: at, operator: "=" }] }
                  indexes:
                    - { columns: [{ expression: lower(code), order: desc }], where: id > 5 }
                  partition_by: { method: hash, columns: [id] }
                  partitions:
                    - { name: logs_0, modulus: 2, remainder: 0 }
                    - { name: logs_d, default: true }
                    - { name: logs_1, from: [MINVALUE], to: ["5"] }
                    - { name: logs_2, in: ["'x'"] }
                  unlogged: true
                  with: { fillfactor: 90 }
                  tablespace: fast
                  comment: All of it
              - rename_table: { table: orders, to: purchases }
              - drop_table: { table: bills, keep: 30d }
              - drop_table: { table: lines }
              - rename_column: { table: orders, name: note, to: remark }
            """
        );

        Change again = Read(Written(read));

        Written(again).ShouldBe(Written(read));
        CreateTable create = again.Operations[0].ShouldBeOfType<CreateTable>();
        create.Constraints.Select(constraint => constraint.Table).Distinct().ShouldBe([new TableName("sales", "logs")]);
        create.Columns[3].References!.Table.Name.ShouldBe("codes");
        create.PartitionBy!.Method.ShouldBe(PartitionMethod.Hash);
        create.Partitions[2].From.ShouldBe(["MINVALUE"]);
        again.Operations[2].ShouldBeOfType<DropTable>().Keep.ShouldBe(TimeSpan.FromDays(30));
        again.Operations[3].ShouldBeOfType<DropTable>().Keep.ShouldBe(TimeSpan.FromDays(7));
    }

    [Theory]
    [InlineData(
        "create_table: { table: t, columns: [{ name: a, type: int }, { name: a, type: int }] }",
        "'columns' names 'a' twice"
    )]
    [InlineData(
        "create_table: { table: t, columns: [], partitions: [{ name: p, default: true }] }",
        "'partitions' needs 'partition_by'"
    )]
    [InlineData(
        "create_table: { table: t, columns: [], partition_by: { method: list, columns: [a] }, partitions: "
            + "[{ name: p }] }",
        "needs exactly one kind of bound"
    )]
    [InlineData(
        "create_table: { table: t, columns: [], partition_by: { method: range, columns: [a] }, partitions: "
            + "[{ name: p, from: [\"1\"] }] }",
        "needs exactly one kind of bound"
    )]
    [InlineData("create_table: { table: t, columns: [], constraints: [{}] }", "an item of constraints is empty")]
    [InlineData(
        "create_table: { table: t, columns: [], constraints: [{ check: { check: a > 0 }, unique: { columns: [a] } }] }",
        "'check' and 'unique' exclude each other"
    )]
    [InlineData(
        "create_table: { table: t, columns: [{ name: a, type: int, backfill: \"1\" }] }",
        "unknown key 'backfill' in a column"
    )]
    [InlineData(
        "create_table: { table: t, columns: [{ name: a, type: int, identity: {}, default: \"1\" }] }",
        "'identity' and 'default' exclude each other"
    )]
    [InlineData("create_table: { table: t, columns: [{ type: int }] }", "a column has no 'name'")]
    [InlineData("create_table: { columns: [] }", "create_table has no 'table'")]
    [InlineData("drop_table: { table: t, keep: 7 }", "'keep' must be a duration, not '7'")]
    [InlineData("drop_table: { table: t, keep: 4000d }", "'keep' cannot be 4000d")]
    [InlineData("rename_table: { table: t }", "rename_table has no 'to'")]
    [InlineData("rename_column: { table: t, to: b }", "rename_column has no 'name'")]
    public void A_mistake_is_reported(string operation, string what)
    {
        ChangeFileResult.Invalid invalid = ChangeFileReader
            .ReadText("0001_test.yaml", $"operations:\n  - {operation}")
            .ShouldBeOfType<ChangeFileResult.Invalid>();

        string.Join('\n', invalid.Errors).ShouldContain(what);
    }

    private static string Written(Change change) => ChangeFileWriter.Write(change.Description, change.Operations);

    private static Change Read(string yaml) =>
        ChangeFileReader.ReadText("0001_test.yaml", yaml) switch
        {
            ChangeFileResult.Read read => read.Change,
            ChangeFileResult.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Errors)),
            _ => throw new InvalidOperationException(),
        };
}
