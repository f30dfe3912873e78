using Segue.Changes.Files;

namespace Segue.Tests.Changes;

/// <summary>Every mistake with the place and the words a person gets for it.</summary>
public sealed class ChangeFileMistakesTests
{
    public static TheoryData<string, string> Documents =>
        new()
        {
            { "", "1:1: the file is empty" },
            { "# only a comment\n", "1:1: the file is empty" },
            { "---\n", "1:1: the file is empty" },
            { "hello", "1:1: 'the change file' must be a map of keys, not text" },
            { "- a\n- b\n", "1:1: 'the change file' must be a map of keys, not a list" },
            { "operations: [", "1:14: this is not YAML: While parsing a node, did not find expected node content" },
            {
                "description: 'a' or 'b'\n",
                "1:18: this is not YAML: While parsing a block mapping, did not find expected key"
            },
            { "operations:\n\t- add_column:\n", "2:1: the line is indented with a tab" },
            { "operations:\n  - add_column:\n  \t  table: t\n", "3:3: the line is indented with a tab" },
            {
                "description: a\n---\ndescription: b\n",
                "1:1: the change file has no 'operations'|2:1: the file holds a second document"
            },
            { "description: a\n", "1:1: the change file has no 'operations'" },
            { "description: a\0b\noperations: []\n", "1:15: the character U+0000 is not allowed in YAML" },
            {
                "description: a\ud83d\ude00\u001b\noperations: []\n",
                "1:17: the character U+001B is not allowed in YAML"
            },
            { "? [a]\n: b\noperations: []\n", "1:3: a key must be a word, not a list|3:13: 'operations' is empty" },
            { "description:\noperations:\n", "1:1: 'description' has no value|2:1: 'operations' has no value" },
            { "operations: []\n", "1:13: 'operations' is empty" },
            { "operations: {}\n", "1:13: 'operations' must be a list, not a map" },
            { "operations: add_column\n", "1:13: 'operations' must be a list, not text" },
            { "operation: []\n", "1:1: unknown key 'operation' in the change file; did you mean 'operations'?" },
            { "operations:\n  - add_column\n", "2:5: an operation must be a map with one key, not text" },
            { "operations:\n  - {}\n", "2:5: an operation must be a map with one key, not a map" },
            { "operations:\n  -\n", "2:4: 'operations' has no value" },
            { "operations:\n  - add_column:\n", "2:5: 'add_column' has no value" },
            { "operations:\n  - add_column: x\n", "2:17: 'add_column' must be a map of keys, not text" },
            { "operations:\n  - add_colum: {}\n", "2:5: unknown operation 'add_colum'; did you mean 'add_column'?" },
            { "operations:\n  - frobnicate: {}\n", "2:5: unknown operation 'frobnicate'" },
            { "operations:\n  - add_column:\n    table: t\n", "3:5: 'table' stands beside add_column, not in it" },
            {
                "operations:\n  - add_column: {}\n    add_index: {}\n",
                "3:5: 'add_index' is a second operation in one list item"
            },
            {
                "operations: &all\n  - &one\n    add_column: *one\n",
                "1:13: the anchor '&all' is not allowed|2:5: the anchor '&one' is not allowed|3:17: the "
                    + "alias '*one' is not allowed"
            },
            {
                "operations: !!seq []\n",
                "1:13: the tag 'tag:yaml.org,2002:seq' is not allowed|1:13: 'operations' is empty"
            },
            { new string('[', 100), "1:33: this is not YAML: nested more than 32 deep" },
        };

    public static TheoryData<string, string> Columns =>
        new()
        {
            { "nulable: false", "6:7: unknown key 'nulable' in add_column; did you mean 'nullable'?" },
            { "NOT NULL: true", "6:7: unknown key 'NOT NULL' in add_column; did you mean 'nullable'?" },
            { "up: 1", "6:7: unknown key 'up' in add_column; did you mean 'backfill'?" },
            { "frobnicate: 1", "6:7: unknown key 'frobnicate' in add_column" },
            { "<<: {}", "6:7: unknown key '<<' in add_column" },
            { "type: text", "6:7: 'type' is given twice in add_column, first on line 5" },
            { "nullable: maybe", "6:17: 'nullable' must be true or false, not 'maybe'" },
            { "nullable: no", "6:17: 'nullable' must be true or false, not 'no'" },
            { "nullable: \"true\"", "6:17: 'nullable' must be true or false, not text in quotes" },
            { "nullable: [true]", "6:17: 'nullable' must be true or false, not a list" },
            { "nullable:", "6:7: 'nullable' has no value" },
            { "default: null", "6:16: 'default' has no value" },
            { "default: ~", "6:16: 'default' has no value" },
            { "default:", "6:7: 'default' has no value" },
            { "default: {}", "6:16: 'default' must be text, not a map" },
            { "default: ' '", "6:16: 'default' is blank" },
            { "default: \"a\\0b\"", "6:16: 'default' contains a NUL character" },
            { "default: !!str 1", "6:16: the tag 'tag:yaml.org,2002:str' is not allowed" },
            {
                "default: 'a'::text",
                "6:19: this is not YAML: While parsing a block mapping, did not find expected key"
            },
            { "nullable: false", "6:17: 'nullable: false', but existing rows would have no value" },
            { "backfill: 1\n      derive: 2", "7:15: 'backfill' and 'derive' exclude each other" },
            { "derive: 2\n      backfill: 1", "7:17: 'backfill' and 'derive' exclude each other" },
            { "identity: {}\n      default: 1", "7:16: 'identity' and 'default' exclude each other" },
            { "identity: {}\n      backfill: 1", "7:17: 'identity' and 'backfill' exclude each other" },
            { "identity: {}\n      derive: 1", "7:15: 'identity' and 'derive' exclude each other" },
            {
                "identity: {}\n      generated: { expression: a }",
                "7:18: 'identity' and 'generated' exclude each other"
            },
            { "identity: {}\n      nullable: true", "7:17: an identity column is never NULL" },
            { "identity: true", "6:17: 'identity' must be a map of keys, not text" },
            { "identity: { start: one }", "6:26: 'start' must be a whole number, not 'one'" },
            { "identity: { start: '1' }", "6:26: 'start' must be a whole number, not '1'" },
            {
                "identity: { start: 9223372036854775808 }",
                "6:26: 'start' must be a whole number, not '9223372036854775808'"
            },
            { "identity: { cache: 0 }", "6:26: 'cache' must be a whole number of at least 1, not '0'" },
            { "identity: { increment: 0 }", "6:30: 'increment' cannot be 0" },
            { "identity: { min_value: 5, max_value: 5 }", "6:44: 'max_value' must be greater than 'min_value'" },
            { "identity: { start: 1, min_value: 5 }", "6:26: 'start' is outside of 'min_value' and 'max_value'" },
            { "generated: { stored: true }", "6:18: generated has no 'expression'" },
            { "generated: { expression: a }\n      default: 1", "7:16: 'generated' and 'default' exclude each other" },
            {
                "generated: { expression: a }\n      backfill: 1",
                "7:17: 'generated' and 'backfill' exclude each other"
            },
            { "generated: { expression: a }\n      derive: 1", "7:15: 'generated' and 'derive' exclude each other" },
            {
                "generated: { expression: a }\n      references: { table: p, on_update: cascade }",
                "7:19: 'on_update: cascade' would write to a generated column"
            },
            { "references: currencies", "6:19: 'references' must be a map of keys, not text" },
            { "references: { column: code }", "6:19: references has no 'table'" },
            { "references: { table: p, on_delete: nothing }", "6:42: 'on_delete' cannot be 'nothing'" },
            {
                "references: { table: p, on_delete: SET NULL }",
                "6:42: 'on_delete' cannot be 'SET NULL'; did you mean 'set_null'?"
            },
            { "references: { table: p, on_delete: [cascade] }", "6:42: 'on_delete' must be one word, not a list" },
            {
                "nullable: false\n      default: 1\n      references: { table: p, on_delete: set_null }",
                "8:19: 'on_delete: set_null' contradicts 'nullable: false'"
            },
            { "references: { table: p, on_delete: set_default }", "6:19: 'on_delete: set_default' needs a default" },
            { "references: { table: p, initially_deferred: true }", "6:51: 'initially_deferred' needs 'deferrable'" },
            {
                "uniqe: 1\n      nullable: maybe\n      check: []",
                "6:7: unknown key 'uniqe' in add_column; did you mean 'unique'?|7:17: 'nullable' must be "
                    + "true or false, not 'maybe'|8:14: 'check' must be text, not a list"
            },
        };

    public static TheoryData<string, string> Names =>
        new()
        {
            { "\"\"", "1:36: 'name' is empty" },
            { "[a]", "1:36: 'name' must be a name, not a list" },
            { "~", "1:36: 'name' has no value" },
            { new string('n', 64), "1:36: 'name' is 64 bytes long; a name has 63 at most" },
            { new string('\u20ac', 22), "1:36: 'name' is 66 bytes long; a name has 63 at most" },
            { "\"a\\0b\"", "1:36: 'name' contains a NUL character" },
        };

    public static TheoryData<string, string> Tables =>
        new()
        {
            { "''", "1:37: 'table' is empty" },
            { "a.", "1:37: 'table' is empty" },
            { ".a", "1:37: 'table' is empty" },
            { "'\"\"'", "1:37: 'table' is empty" },
            { "a.b.c", "1:37: 'table' is not a table's name: 'a.b.c'" },
            { "'a. b'", "1:37: 'table' is not a table's name: 'a. b'" },
            { "'a\"b'", "1:37: 'table' is not a table's name: 'a\"b'" },
            { "'\"a'", "1:37: 'table' is not a table's name: '\"a'" },
            { "'\"a\"b'", "1:37: 'table' is not a table's name: '\"a\"b'" },
            { "[a]", "1:37: 'table' must be a table's name, not a list" },
            { "{ schema: a }", "1:37: table has no 'name'" },
            {
                "{ schema: a, nam: b, name: '' }",
                "1:50: unknown key 'nam' in table; did you mean 'name'?|1:64: 'name' is empty"
            },
            { "a." + new string('n', 64), "1:37: 'table' is 64 bytes long; a name has 63 at most" },
        };

    [Theory]
    [MemberData(nameof(Documents))]
    public void A_wrong_file_is_reported_with_its_place(string text, string expected) =>
        Mistakes(text).ShouldBe(expected);

    [Theory]
    [MemberData(nameof(Columns))]
    public void A_wrong_column_is_reported_with_its_place(string keys, string expected) =>
        Mistakes(
                "operations:\n  - add_column:\n      table: orders\n      name: currency\n      type: "
                    + $"char(3)\n      {keys}\n"
            )
            .ShouldBe(expected);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_wrong_name_is_reported_with_its_place(string name, string expected) =>
        Mistakes($"operations: [{{ add_column: {{ name: {name}, table: t, type: int }} }}]").ShouldBe(expected);

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_wrong_table_is_reported_with_its_place(string table, string expected) =>
        Mistakes($"operations: [{{ add_column: {{ table: {table}, name: c, type: int }} }}]").ShouldBe(expected);

    [Fact]
    public void Half_a_surrogate_pair_is_reported_with_line_and_column() =>
        Mistakes("description: \ud83d\noperations: []\n").ShouldBe("1:14: the character U+D83D is not allowed in YAML");

    [Fact]
    public void A_column_added_twice_to_a_table_is_reported()
    {
        const string Add = "  - add_column: { table: s.t, name: c, type: int }\n";
        Mistakes($"operations:\n{Add}{Add}").ShouldBe("3:5: column 'c' of s.t is added twice, first on line 2");
    }

    [Fact]
    public void Every_mistake_comes_with_a_remedy()
    {
        foreach (object[] row in Documents)
        {
            ChangeFileReader
                .ReadText("0001_a.yaml", (string)row[0])
                .ShouldBeOfType<ChangeFileResult.Invalid>()
                .Errors.ShouldAllBe(error => error.Remedy.EndsWith('.') && error.File == "0001_a.yaml");
        }
    }

    [Fact]
    public void At_most_a_hundred_mistakes_of_a_file_are_reported()
    {
        string keys = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"      key{i}: 1\n"));
        ChangeFileReader
            .ReadText("a.yaml", $"operations:\n  - add_column:\n{keys}")
            .ShouldBeOfType<ChangeFileResult.Invalid>()
            .Errors.Count.ShouldBe(100);
    }

    [Fact]
    public void A_remedy_shows_what_to_write()
    {
        ChangeFileResult result = ChangeFileReader.ReadText(
            "changes/0001_a.yaml",
            "operations:\n  - add_column: { table: t, name: c }\n"
        );
        result
            .ShouldBeOfType<ChangeFileResult.Invalid>()
            .Errors.ShouldHaveSingleItem()
            .ToString()
            .ShouldBe("changes/0001_a.yaml:2:17: add_column has no 'type'\n  Add it, for example 'type: char(3)'.");
    }

    private static string Mistakes(string text) =>
        ChangeFileReader.ReadText("0001_a.yaml", text) switch
        {
            ChangeFileResult.Invalid invalid => string.Join(
                '|',
                invalid.Errors.Select(error => $"{error.Line}:{error.Column}: {error.Message}")
            ),
            _ => "no mistake",
        };
}
