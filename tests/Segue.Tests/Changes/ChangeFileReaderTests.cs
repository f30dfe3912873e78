using System.Text;
using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class ChangeFileReaderTests
{
    private const string Sample = """
        # changes/0007_orders_currency.yaml
        description: Orders carry their currency
        operations:
          - add_column:
              table: orders              # schema.table where not on the search path
              name: currency
              type: char(3)
              collation: C
              nullable: false            # default true
              default: "'USD'"           # for new rows
              backfill: "coalesce(region_currency(region), 'USD')"
              check: "currency ~ '^[A-Z]{3}$'"
              references: { table: currencies, column: code, on_delete: restrict, on_update: cascade, deferrable: true,
                  initially_deferred: true }
              unique: false
              index: true
              comment: ISO 4217 code

        """;

    [Fact]
    public void Every_key_of_a_column_is_read_into_its_record()
    {
        Change change = Read(Sample, "changes/0007_orders_currency.yaml");

        change.Name.ShouldBe("0007_orders_currency");
        change.Description.ShouldBe("Orders carry their currency");
        change
            .Operations.ShouldHaveSingleItem()
            .ShouldBe(
                new AddColumn
                {
                    Table = new TableName(null, "orders"),
                    Name = "currency",
                    Type = "char(3)",
                    Collation = "C",
                    Nullable = false,
                    Default = "'USD'",
                    Backfill = "coalesce(region_currency(region), 'USD')",
                    Check = "currency ~ '^[A-Z]{3}$'",
                    References = new ForeignKeyReference
                    {
                        Table = new TableName(null, "currencies"),
                        Columns = ["code"],
                        OnDelete = ReferentialAction.Restrict,
                        OnUpdate = ReferentialAction.Cascade,
                        Deferrable = true,
                        InitiallyDeferred = true,
                    },
                    Index = true,
                    Comment = "ISO 4217 code",
                }
            );
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("false", "false")]
    [InlineData("1.50", "1.50")]
    [InlineData("2024-01-01", "2024-01-01")]
    [InlineData("now()", "now()")]
    [InlineData("'USD'", "USD")]
    [InlineData("\"'USD'\"", "'USD'")]
    [InlineData("'null'", "null")]
    [InlineData("|\n        a\n        || b", "a\n|| b\n")]
    public void A_default_is_kept_as_written(string yaml, string expected) =>
        Column($"default: {yaml}").Default.ShouldBe(expected);

    [Fact]
    public void Derive_is_read() => Column("derive: lower(a)").Derive.ShouldBe("lower(a)");

    [Fact]
    public void Identity_without_options_is_read() => Column("identity: {}").Identity.ShouldBe(new IdentityColumn());

    [Fact]
    public void Identity_with_all_options_is_read() =>
        Column(
            "identity: { always: true, start: -5, increment: 2, min_value: -10, max_value: 10, cache: 3, cycle: true }"
        )
            .Identity.ShouldBe(
                new IdentityColumn
                {
                    Always = true,
                    Start = -5,
                    Increment = 2,
                    MinValue = -10,
                    MaxValue = 10,
                    Cache = 3,
                    Cycle = true,
                }
            );

    [Fact]
    public void Generated_is_read() =>
        Column("generated: { expression: a + 1, stored: true }")
            .Generated.ShouldBe(new GeneratedColumn { Expression = "a + 1", Stored = true });

    [Theory]
    [InlineData("identity: {}")]
    [InlineData("generated: { expression: a }")]
    [InlineData("default: 1")]
    [InlineData("backfill: 1")]
    [InlineData("derive: a")]
    public void Not_null_is_accepted_if_existing_rows_get_a_value(string key) =>
        Column($"nullable: false\n      {key}").Nullable.ShouldBeFalse();

    [Theory]
    [InlineData("orders", null, "orders")]
    [InlineData("Orders", null, "Orders")]
    [InlineData("sales.orders", "sales", "orders")]
    [InlineData("order lines", null, "order lines")]
    [InlineData("2024", null, "2024")]
    [InlineData("'\"Order Lines\"'", null, "Order Lines")]
    [InlineData("sales.\"Order.Lines\"", "sales", "Order.Lines")]
    [InlineData("'\"a\"\"b\".\" \"'", "a\"b", " ")]
    [InlineData("{ schema: sales, name: Order.Lines }", "sales", "Order.Lines")]
    [InlineData("{ name: orders }", null, "orders")]
    public void A_table_is_named_exactly(string yaml, string? schema, string name) =>
        Read($"operations: [{{ add_column: {{ name: c, type: int, table: {yaml} }} }}]")
            .Operations[0]
            .ShouldBeOfType<AddColumn>()
            .Table.ShouldBe(new TableName(schema, name));

    [Fact]
    public void A_column_is_named_exactly_without_quoting_syntax() =>
        (
            (AddColumn)Read("operations: [{ add_column: { table: t, type: int, name: 's.\"C\"' } }]").Operations[0]
        ).Name.ShouldBe("s.\"C\"");

    [Fact]
    public void Several_operations_keep_their_order() =>
        Read(
            "operations:\n  - add_column: { table: t, name: b, type: int }\n  - add_column: { table: t, "
                + "name: a, type: int }\n"
        )
            .Operations.Cast<AddColumn>()
            .Select(add => add.Name)
            .ShouldBe(["b", "a"]);

    [Fact]
    public void The_hash_of_a_change_file_is_that_of_its_bytes()
    {
        // printf 'operations: [{ add_column: { table: t, name: c, type: int } }]\n' | sha256sum
        Read("operations: [{ add_column: { table: t, name: c, type: int } }]\n")
            .ContentHash.ShouldBe("75333c1861e2589d8de919db177af2c8c68da59b879a497c03c36eca33b2ee23");
    }

    [Fact]
    public void Windows_line_ends_do_not_change_a_file()
    {
        Change windows = Read(Sample.Replace("\n", "\r\n"));
        windows.ContentHash.ShouldBe(Read(Sample).ContentHash);
        windows.Operations.ShouldBe(Read(Sample).Operations);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped() =>
        ReadBytes([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Sample)])
            .ShouldBeOfType<ChangeFileResult.Read>();

    [Fact]
    public void Text_that_is_not_utf8_is_reported_with_its_place() =>
        Mistake(ReadBytes([.. "a: 1\nb: ü"u8, 0xE4, .. "\n"u8])).ShouldBe("a.yaml:2:5: the file is not UTF-8");

    [Fact]
    public void Utf16_is_reported() =>
        Mistake(ReadBytes(Encoding.Unicode.GetPreamble())).ShouldBe("a.yaml:1:1: the file is not UTF-8");

    [Fact]
    public void A_file_over_one_megabyte_is_refused() =>
        Mistake(ReadBytes(new byte[1_000_001])).ShouldBe("a.yaml: the file is larger than 1 MB");

    [Fact]
    public void A_missing_file_is_reported() =>
        Mistake(ChangeFileReader.ReadFile("nowhere/a.yaml")).ShouldBe("nowhere/a.yaml: there is no such file");

    [Fact]
    public void A_directory_instead_of_a_file_is_reported()
    {
        DirectoryInfo outer = Directory.CreateTempSubdirectory("segue");
        string path = outer.CreateSubdirectory("a.yaml").FullName;
        Mistake(ChangeFileReader.ReadFile(path)).ShouldContain("cannot be read");
        outer.Delete(recursive: true);
    }

    [Theory]
    [InlineData("_a.yaml")]
    [InlineData("a b.yaml")]
    [InlineData("ä.yaml")]
    [InlineData("a\n.yaml")]
    [InlineData(".yaml")]
    public void An_invalid_change_name_is_reported(string file) =>
        Mistake(ChangeFileReader.ReadText(file, Sample)).ShouldContain("cannot be a change's name");

    [Fact]
    public void A_name_of_more_than_200_characters_is_reported()
    {
        ChangeFileReader.ReadText(new string('a', 200) + ".yml", Sample).ShouldBeOfType<ChangeFileResult.Read>();
        Mistake(ChangeFileReader.ReadText(new string('a', 201) + ".yml", Sample))
            .ShouldContain("cannot be a change's name");
    }

    [Fact]
    public void A_file_with_another_extension_is_reported() =>
        Mistake(ChangeFileReader.ReadText("a.sql", Sample)).ShouldBe("a.sql: a change file ends in .yaml or .yml");

    private static Change Read(string text, string path = "a.yaml") =>
        ChangeFileReader.ReadText(path, text).ShouldBeOfType<ChangeFileResult.Read>().Change;

    private static AddColumn Column(string keys) =>
        (AddColumn)
            Read(
                $"operations:\n  - add_column:\n      table: t\n      name: c\n      type: int\n      {keys}\n"
            ).Operations[0];

    private static ChangeFileResult ReadBytes(byte[] bytes) => ChangeFileReader.ReadBytes("a.yaml", bytes);

    private static string Mistake(ChangeFileResult result) =>
        result.ShouldBeOfType<ChangeFileResult.Invalid>().Errors.ShouldHaveSingleItem().ToString().Split('\n')[^2];
}
