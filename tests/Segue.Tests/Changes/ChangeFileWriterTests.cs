using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Segue.Changes;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

public sealed class ChangeFileWriterTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(1000);

    private static readonly string[] Hostile =
    [
        "'USD'",
        "\"Q\"",
        "'a' || \"b\"",
        "# no comment",
        "a # b",
        "a: b",
        ": ",
        "- a",
        "? a",
        "yes",
        "No",
        "on",
        "null",
        "~",
        "true",
        "1",
        "0x1F",
        "1e3",
        ".inf",
        "2024-01-01",
        "12:30:45",
        "<<",
        "=",
        "!tag",
        "&anchor",
        "*alias",
        "%YAML",
        "@a",
        "`a`",
        "{a}",
        "[a]",
        "|",
        ">",
        "---",
        "...",
        " leading",
        "trailing ",
        "\ttab\t",
        "a\nb",
        "a\r\nb\n",
        "\n",
        "a\u0085b",
        "a\u2028b",
        "\u2029",
        "\ufeffa",
        "\u200b",
        "\u007f",
        "\u0001",
        "\u001b[31m",
        "ä ö",
        "\ud83d\ude00",
        "\uffff",
        "\\",
        "\\n",
        "a\\",
        "'",
        "\"",
        "''",
        "numeric(12,2)",
        "double precision",
        "int[]",
        "a, b",
        "a.b",
        "\"a.b\".c",
        "",
    ];

    private static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements(Hostile),
        Gen.Elements(Hostile).Two().Select(two => two.Item1 + two.Item2),
        ArbMap.Default.GeneratorFor<UnicodeString>().Select(text => text.Get ?? ""),
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get)
    );

    private static readonly Gen<string> Expressions = Texts
        .Select(text => text.Replace("\0", ""))
        .Where(text => IsWellFormed(text) && !string.IsNullOrWhiteSpace(text));

    private static readonly Gen<string> Names = Texts
        .Select(text => text.Replace("\0", ""))
        .Where(text => IsWellFormed(text) && Encoding.UTF8.GetByteCount(text) is > 0 and <= 63);

    private static readonly Gen<TableName> Tables = Names
        .OrNull()
        .Zip(Names, (schema, name) => new TableName(schema, name));

    private static readonly Gen<bool> Flags = ArbMap.Default.GeneratorFor<bool>();

    private static readonly Gen<ForeignKeyReference> References =
        from table in Tables
        from column in Names.OrNull()
        from onDelete in Gen.Elements(ReferentialAction.NoAction, ReferentialAction.Restrict, ReferentialAction.Cascade)
        from onUpdate in Gen.Elements(ReferentialAction.NoAction, ReferentialAction.Restrict)
        from deferrable in Flags
        from deferred in Flags
        select new ForeignKeyReference
        {
            Table = table,
            Columns = column is null ? [] : [column],
            OnDelete = onDelete,
            OnUpdate = onUpdate,
            Deferrable = deferrable,
            InitiallyDeferred = deferrable && deferred,
        };

    private static readonly Gen<long?> Numbers = Gen.OneOf(
        Gen.Constant<long?>(null),
        Gen.Choose(2, int.MaxValue).Select(number => (long?)number * number)
    );

    private static readonly Gen<IdentityColumn> Identities =
        from always in Flags
        from increment in Numbers
        from cache in Numbers
        from max in Numbers
        from cycle in Flags
        select new IdentityColumn
        {
            Always = always,
            Start = max,
            Increment = -increment,
            Cache = cache,
            MinValue = max - 1,
            MaxValue = max,
            Cycle = cycle,
        };

    private static readonly Gen<AddColumn> Columns =
        from plain in from table in Tables
        from name in Names
        from type in Expressions
        from collation in Expressions.OrNull()
        from check in Expressions.OrNull()
        from comment in Expressions.OrNull()
        from references in References.OrNull()
        from unique in Flags
        from index in Flags
        select new AddColumn
        {
            Table = table,
            Name = name,
            Type = type,
            Collation = collation,
            Check = check,
            Comment = comment,
            References = references,
            Unique = unique,
            Index = index,
        }
        from filled in Gen.OneOf(
            Gen.Constant(plain),
            from expression in Expressions
            from nullable in Flags
            select plain with
            {
                Default = expression,
                Backfill = expression,
                Nullable = nullable,
            },
            from expression in Expressions
            select plain with
            {
                Derive = expression,
                Nullable = false,
            },
            from expression in Expressions
            from stored in Flags
            select plain with
            {
                Generated = new GeneratedColumn { Expression = expression, Stored = stored },
            },
            from identity in Identities
            select plain with
            {
                Identity = identity,
            }
        )
        select filled;

    [Fact]
    public void A_written_file_reads_back_equal() =>
        Prop.ForAll(Columns.ToArbitrary(), Expressions.OrNull().ToArbitrary(), ReadsBack).Check(Thorough);

    [Fact]
    public void Several_operations_read_back_in_order()
    {
        Operation[] operations = [Column("b"), Column("a") with { Identity = new IdentityColumn() }, Column("c")];
        Change change = ChangeFileReader
            .ReadText("a.yaml", ChangeFileWriter.Write(null, operations))
            .ShouldBeOfType<ChangeFileResult.Read>()
            .Change;
        change.Operations.ShouldBe(operations);
    }

    [Fact]
    public void A_written_file_looks_handwritten()
    {
        AddColumn add = Column("currency") with
        {
            Table = new TableName("sales", "Order.Lines"),
            Type = "char(3)",
            Nullable = false,
            Backfill = "'USD'",
            References = new ForeignKeyReference
            {
                Table = new TableName(null, "currencies"),
                OnDelete = ReferentialAction.Restrict,
            },
            Identity = new IdentityColumn(),
        };
        ChangeFileWriter
            .Write("Orders carry: a currency", [add])
            .ShouldBe(
                """
                # yaml-language-server: $schema=./segue.schema.json
                description: "Orders carry: a currency"
                operations:
                  - add_column:
                      table: 'sales."Order.Lines"'
                      name: currency
                      type: char(3)
                      nullable: false
                      backfill: "'USD'"
                      references:
                        table: currencies
                        on_delete: restrict
                      identity: {}

                """
            );
    }

    private static bool ReadsBack(AddColumn add, string? description)
    {
        string text = ChangeFileWriter.Write(description, [add]);
        return ChangeFileReader.ReadText("a.yaml", text) switch
        {
            ChangeFileResult.Read read => read.Change.Description == description
                && read.Change.Operations is [AddColumn back]
                && back == add,
            ChangeFileResult.Invalid invalid => throw new InvalidOperationException($"{invalid.Errors[0]}\n{text}"),
            _ => false,
        };
    }

    private static AddColumn Column(string name) =>
        new()
        {
            Table = new TableName(null, "t"),
            Name = name,
            Type = "int",
        };

    private static bool IsWellFormed(string text) => text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
