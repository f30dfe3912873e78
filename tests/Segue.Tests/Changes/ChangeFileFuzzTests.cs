using FsCheck;
using FsCheck.Fluent;
using Segue.Changes.Files;

namespace Segue.Tests.Changes;

/// <summary>Whatever stands in a file, the answer is a value and never an exception.</summary>
public sealed class ChangeFileFuzzTests
{
    private const string Sample = """
        description: Orders carry their currency
        operations:
          - add_column:
              table: { schema: sales, name: orders }
              name: currency
              type: char(3)
              nullable: false
              default: "'USD'"
              backfill: |
                coalesce(region_currency(region), 'USD')
              references: { table: currencies, column: code, on_delete: restrict }
              index: true
          - add_column: { table: t, name: id, type: bigint, identity: { always: true, start: 5, max_value: 9 } }
          - add_column: { table: t, name: g, type: int, generated: { expression: a + 1, stored: true } }

        """;

    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static readonly Gen<string> Pieces = Gen.Elements(
        "a",
        "add_column",
        "operations",
        ":",
        " ",
        "\n",
        "\n  ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "'",
        "\"",
        "|",
        ">",
        "#",
        "&",
        "*",
        "!",
        "%",
        "@",
        "?",
        "~",
        "\t",
        "\0",
        "\\",
        "---",
        "...",
        "<<",
        "null",
        "true",
        "\ufeff",
        "ü",
        "\ud83d",
        "\r",
        "table",
        "name",
        "%TAG ! a\n",
        "%YAML 1.1\n",
        "!<",
        "\\x",
        ""
    );

    [Fact]
    public void Scrambled_text_yields_errors_and_no_exception() =>
        Prop.ForAll(
                Pieces.ListOf().Select(string.Concat).ToArbitrary(),
                text => ChangeFileReader.ReadText("a.yaml", text) is not null
            )
            .Check(Thorough);

    [Fact]
    public void A_damaged_file_yields_errors_and_no_exception()
    {
        Gen<string> damaged =
            from start in Gen.Choose(0, Sample.Length)
            from length in Gen.OneOf(Gen.Choose(0, 3), Gen.Choose(0, Sample.Length))
            from piece in Pieces
            select Sample[..start] + piece + Sample[Math.Min(Sample.Length, start + length)..];
        Prop.ForAll(damaged.ToArbitrary(), text => ChangeFileReader.ReadText("a.yaml", text) is not null)
            .Check(Thorough);
    }

    [Fact]
    public void Bytes_that_are_not_text_yield_errors_and_no_exception() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => ChangeFileReader.ReadBytes("a.yaml", bytes) is not null)
            .Check(Thorough);

    [Fact]
    public void A_megabyte_of_nesting_yields_errors_and_no_exception()
    {
        foreach (string piece in new[] { "[", "{a: ", "- ", "? " })
        {
            string text = string.Concat(Enumerable.Repeat(piece, 900_000 / piece.Length));
            ChangeFileReader.ReadText("a.yaml", text).ShouldBeOfType<ChangeFileResult.Invalid>();
        }
    }
}
