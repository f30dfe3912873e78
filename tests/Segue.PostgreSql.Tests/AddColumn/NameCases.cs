using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Names that only survive when they are data everywhere.</summary>
internal static class NameCases
{
    private static readonly string Long = new('l', 63);
    private static readonly string LongMultiByte = string.Concat(Enumerable.Repeat("ü", 31)) + "x";

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case("Mixed case", "Shop", "Orders", "OrderId", "Currency"),
        Case("Reserved words", "select", "user", "from", "table"),
        Case("Words of the trigger's language", "public", "new", "old", "tg_op"),
        Case("Words of the trigger's language the other way round", "public", "old", "new", "return"),
        Case("Blanks, quotes and a semicolon", "my shop", "we\"ird; table", "it's \"id\"", " x\"; DROP TABLE y; --"),
        Case("Braces, percent signs, dollars and backslashes", "a{0}", "$1", "%s\\", "$$ {x} \\' :p @p ?"),
        Case("63 bytes", Long, Long, Long, Long.Replace("ll", "lk")),
        Case(
            "63 bytes of two-byte letters",
            LongMultiByte,
            LongMultiByte,
            LongMultiByte,
            LongMultiByte.Replace("üü", "üö")
        ),
        Case("Dots, a comma and unicode", "a.b", "c.d, e", "🙂.id", "名前"),
        Case("Names Segue uses itself", "public", "segue_probe", "segue_parent", "value"),
    ];

    private static ChangeCase Case(string name, string schema, string table, string source, string column)
    {
        string relation = $"{Quoted(schema)}.{Quoted(table)}";
        string ifMissing = schema == "public" ? "" : $"CREATE SCHEMA {Quoted(schema)};";
        return new ChangeCase
        {
            Name = $"Names: {name}",
            Setup = $"""
                {ifMissing}
                CREATE TABLE {relation} ({Quoted(source)} int PRIMARY KEY, other text);
                INSERT INTO {relation} SELECT n, 'n' || n FROM generate_series(1, 200) n;
                """,
            File = $"""
                operations:
                  - add_column:
                      table: {Yaml($"{Quoted(schema)}.{Quoted(table)}")}
                      name: {Yaml(column)}
                      type: int
                      nullable: false
                      derive: {Yaml($"greatest({Quoted(source)}, 1)")}
                      check: {Yaml($"{Quoted(column)} > 0")}
                      references: {Braced($"table: {Yaml(relation)}")}
                      unique: true
                      index: true
                      comment: {Yaml(column)}
                """,
            Plain = $"""
                ALTER TABLE {relation} ADD COLUMN {Quoted(column)} int;
                UPDATE {relation} SET {Quoted(column)} = greatest({Quoted(source)}, 1);
                SET CONSTRAINTS ALL IMMEDIATE;
                ALTER TABLE {relation} ALTER COLUMN {Quoted(column)} SET NOT NULL, ADD CHECK ({Quoted(column)} > 0);
                CREATE INDEX ON {relation} ({Quoted(column)});
                ALTER TABLE {relation} ADD UNIQUE ({Quoted(column)});
                ALTER TABLE {relation} ADD FOREIGN KEY ({Quoted(column)}) REFERENCES {relation};
                COMMENT ON COLUMN {relation}.{Quoted(column)} IS {Literal(column)};
                """,
        };
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    private static string Literal(string text) => $"E'{text.Replace("\\", "\\\\").Replace("'", "''")}'";

    private static string Yaml(string text) => $"'{text.Replace("'", "''")}'";

    private static string Braced(string text) => $"{{ {text} }}";
}
