using System.Text.Encodings.Web;
using System.Text.Json;
using Segue.Conformance;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Random sequences of kinds on random tables. Seeds are fixed; SEGUE_TEST_SEED begins elsewhere, SEGUE_TEST_CASES
/// makes more of them.
/// </summary>
public class RandomKindTests : ConformanceTests
{
    private static readonly int First = Setting("SEGUE_TEST_SEED", 1);
    private static readonly int Count = Setting("SEGUE_TEST_CASES", 30);

    public static IEnumerable<object[]> Seeds =>
        from seed in Enumerable.Range(First, Count)
        where Rotation.Takes(seed / Rotation.Turns)
        select new object[] { Postgres.Majors[seed % Postgres.Majors.Count], seed };

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_random_sequence_of_kinds_ends_as_plain_statements_make_it(int major, int seed)
    {
        ChangeCase change = new Sequence(seed).Change();
        try
        {
            await EndsAsThePlainStatementsDoAsync(major, change);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"Seed {seed} on PostgreSQL {major}:\n{change.Setup}\n{change.File}\n{change.Plain}\n{error.Message}",
                error
            );
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;

    private sealed class Sequence
    {
        private static readonly JsonSerializerOptions Json = new()
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

        private readonly Random _random;
        private readonly RandomTable _table;
        private readonly string _setup;
        private readonly string _yamlTable;
        private readonly string[] _sortable;

        public Sequence(int seed)
        {
            _random = new Random(seed);
            _table = new RandomTable(_random);
            _setup = string.Join(
                ";\n",
                [
                    "CREATE TABLE parents (code int PRIMARY KEY, label text); INSERT INTO parents SELECT "
                        + "n, 'p' || n FROM generate_series(0, 9) n",
                    "CREATE TABLE kids (id int NOT NULL, code int, other int); INSERT INTO kids SELECT n, "
                        + "n % 10, nullif(n % 4, 0) FROM generate_series(1, 200) n",
                    .. _table.Statements(),
                    $"ALTER TABLE {_table.Sql} ADD \"Known one\" numeric DEFAULT 1.50; UPDATE {_table.Sql} SET "
                        + "\"Known one\" = nullif(key % 3, 0)",
                    $"CREATE INDEX ON {_table.Sql} (\"Known one\", key) WHERE \"Known one\" > 0",
                    $"CREATE INDEX \"Known idx\" ON {_table.Sql} (key DESC)",
                    $"ALTER TABLE {_table.Sql} ADD CONSTRAINT \"Known check\" CHECK (key > -1)",
                ]
            );
            _yamlTable = $"{{ schema: {Yaml(_table.Schema)}, name: {Yaml(_table.Name)} }}";
            _sortable =
            [
                .. _table.Columns.Where(column => column.Type is not ("json" or "point")).Select(column => column.Name),
            ];
        }

        public ChangeCase Change()
        {
            Func<(string Yaml, string Plain)>[] kinds =
            [
                Index,
                Index,
                Check,
                Unique,
                ForeignKey,
                PrimaryKey,
                KnownIndex,
                DropOrRenameCheck,
                Alter,
                AlterAndFill,
                Backfill,
                Prune,
                Reindex,
                Options,
                Enum,
                Table,
                Statement,
                RenameColumn,
            ];
            (string Yaml, string Plain)[] chosen =
            [
                .. kinds.OrderBy(_ => _random.Next()).Take(_random.Next(1, 8)).Select(kind => kind()),
            ];
            return new ChangeCase
            {
                Name = "random",
                Setup = _setup,
                File = "operations:\n" + string.Concat(chosen.Select(each => $"  - {each.Yaml}\n")),
                Plain = string.Join(";\n", chosen.Select(each => each.Plain)),
                KeepsWhatItFilled = chosen.Any(each => each.Plain.StartsWith("UPDATE", StringComparison.Ordinal)),
            };
        }

        private (string Yaml, string Plain) Index()
        {
            string[] columns = [.. _sortable.OrderBy(_ => _random.Next()).Take(_random.Next(1, 4))];
            bool descending = _random.Next(2) == 0;
            bool isExpression = _random.Next(3) == 0;
            string where = _random.Next(3) == 0 ? "key > 10" : "";
            string[] included =
                _random.Next(3) == 0 ? [.. _table.Columns.Select(column => column.Name).Except(columns).Take(2)] : [];
            string parts = string.Join(
                ", ",
                [
                    .. columns.Select(column =>
                        descending ? $"{{ column: {Yaml(column)}, order: desc, nulls: last }}" : Yaml(column)
                    ),
                    .. isExpression ? ["{ expression: key % 5 }"] : Array.Empty<string>(),
                ]
            );
            string plainParts = string.Join(
                ", ",
                [
                    .. columns.Select(column => RandomTable.Quoted(column) + (descending ? " DESC NULLS LAST" : "")),
                    .. isExpression ? ["(key % 5)"] : Array.Empty<string>(),
                ]
            );
            bool includes = included.Length > 0;
            string include = includes ? $", include: [{string.Join(", ", included.Select(Yaml))}]" : "";
            string plainInclude = includes
                ? $" INCLUDE ({string.Join(", ", included.Select(RandomTable.Quoted))})"
                : "";
            return (
                $"create_index: {{ table: {_yamlTable}, columns: [{parts}]{include}"
                    + $"{(where.Length > 0 ? $", where: {where}" : "")} }}",
                $"CREATE INDEX ON {_table.Sql} ({plainParts}){plainInclude}"
                    + $"{(where.Length > 0 ? $" WHERE {where}" : "")}"
            );
        }

        private (string Yaml, string Plain) Check()
        {
            string check =
                _random.Next(2) == 0 ? "key > 0" : $"key < 1000000 OR {RandomTable.Quoted(_sortable[^1])} IS NULL";
            return (
                $"add_check: {{ table: {_yamlTable}, check: {Yaml(check)} }}",
                $"ALTER TABLE {_table.Sql} ADD CHECK ({check})"
            );
        }

        private (string Yaml, string Plain) Unique() =>
            _table.IsPartitioned
                ? (
                    $"create_index: {{ table: {_yamlTable}, columns: [key], unique: true }}",
                    $"CREATE UNIQUE INDEX ON {_table.Sql} (key)"
                )
                : (
                    (
                        $"add_unique: {{ table: {_yamlTable}, columns: [key, {Yaml(_sortable[^1])}], name: "
                        + $"\"All: 'one'\" }}"
                    ).Replace($"key, {Yaml("key")}", "key"),
                    (
                        $"ALTER TABLE {_table.Sql} ADD CONSTRAINT \"All: 'one'\" UNIQUE (key, "
                        + $"{RandomTable.Quoted(_sortable[^1])})"
                    ).Replace("(key, \"key\")", "(key)")
                );

        private (string Yaml, string Plain) ForeignKey() =>
            _random.Next(2) == 0
                ? (
                    "add_foreign_key: { table: kids, columns: [code], references: { table: parents, "
                        + "on_delete: cascade } }",
                    "ALTER TABLE kids ADD FOREIGN KEY (code) REFERENCES parents ON DELETE CASCADE"
                )
                : (
                    "add_foreign_key: { table: kids, columns: [other], references: { table: parents, "
                        + "columns: [code], deferrable: true } }",
                    "ALTER TABLE kids ADD FOREIGN KEY (other) REFERENCES parents (code) DEFERRABLE"
                );

        private static (string Yaml, string Plain) PrimaryKey() =>
            ("add_primary_key: { table: kids, columns: [id] }", "ALTER TABLE kids ADD PRIMARY KEY (id)");

        private (string Yaml, string Plain) Alter() =>
            (
                $"alter_column: {{ table: {_yamlTable}, name: key, statistics: 33, comment: \"the 'key'\" }}",
                $"ALTER TABLE {_table.Sql} ALTER key SET STATISTICS 33; COMMENT ON COLUMN {_table.Sql}.key "
                    + "IS 'the ''key'''"
            );

        private (string Yaml, string Plain) AlterAndFill() =>
            _random.Next(2) == 0
                ? (
                    "alter_column: { table: kids, name: other, nullable: false, backfill: id % 10, default: 3 }",
                    "UPDATE kids SET other = id % 10 WHERE other IS NULL; ALTER TABLE kids ALTER other SET "
                        + "NOT NULL, ALTER other SET DEFAULT 3"
                )
                : (
                    "alter_column: { table: kids, name: code, nullable: false, drop_comment: true, statistics: 7 }",
                    "ALTER TABLE kids ALTER code SET NOT NULL, ALTER code SET STATISTICS 7; COMMENT ON "
                        + "COLUMN kids.code IS NULL"
                );

        private static (string Yaml, string Plain) Backfill() =>
            (
                "backfill: { table: parents, set: { label: \"label || '!'\" }, where: \"label NOT LIKE '%!'\" }",
                "UPDATE parents SET label = label || '!'"
            );

        private static (string Yaml, string Plain) Prune() =>
            ("prune: { table: kids, where: id > 150 }", "DELETE FROM kids WHERE id > 150");

        private static (string Yaml, string Plain) Reindex() => ("reindex: { table: parents }", "SELECT 1");

        private static (string Yaml, string Plain) Options() =>
            (
                "set_options: { table: kids, set: { fillfactor: 70 }, comment: \"it's\" }",
                "ALTER TABLE kids SET (fillfactor = 70); COMMENT ON TABLE kids IS 'it''s'"
            );

        private static (string Yaml, string Plain) Enum() =>
            (
                "create_enum: { name: \"a mood\", labels: [ok, \"so 'so'\"] }",
                "CREATE TYPE \"a mood\" AS ENUM ('ok', 'so ''so''')"
            );

        private static (string Yaml, string Plain) Table() =>
            (
                "create_table: { table: others, columns: [{ name: id, type: bigint, identity: {} }, { "
                    + "name: code, type: int, references: { table: parents } }], primary_key: [id], indexes: [{ "
                    + "columns: [code] }] }",
                "CREATE TABLE others (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code int "
                    + "REFERENCES parents); CREATE INDEX ON others (code)"
            );

        private static (string Yaml, string Plain) Statement() =>
            (
                "sql: { up: CREATE VIEW seen AS SELECT code FROM parents, down: DROP VIEW seen }",
                "CREATE VIEW seen AS SELECT code FROM parents"
            );

        private (string Yaml, string Plain) RenameColumn() =>
            (
                $"rename_column: {{ table: {_yamlTable}, name: Known one, to: \"Re; 'named' one\" }}",
                $"ALTER TABLE {_table.Sql} RENAME COLUMN \"Known one\" TO \"Re; 'named' one\""
            );

        private (string Yaml, string Plain) KnownIndex()
        {
            string index = $"{RandomTable.Quoted(_table.Schema)}.\"Known idx\"";
            string yaml = $"{{ schema: {Yaml(_table.Schema)}, name: Known idx }}";
            // Its drop comes last, so on partitions the names of other new indexes would differ.
            int which = _table.IsPartitioned ? 2 : _random.Next(3);
            return which == 0 ? ($"drop_index: {{ index: {yaml} }}", $"DROP INDEX {index}")
                : which == 1
                    ? (
                        $"replace_index: {{ index: {yaml}, by: {{ columns: [key], where: key > 5 }} }}",
                        $"DROP INDEX {index}; CREATE INDEX \"Known idx\" ON {_table.Sql} (key) WHERE key > 5"
                    )
                : (
                    $"rename_index: {{ index: {yaml}, to: \"re; named\" }}",
                    $"ALTER INDEX {index} RENAME TO \"re; named\""
                );
        }

        private (string Yaml, string Plain) DropOrRenameCheck() =>
            _random.Next(2) == 0
                ? (
                    $"drop_constraint: {{ table: {_yamlTable}, name: Known check }}",
                    $"ALTER TABLE {_table.Sql} DROP CONSTRAINT \"Known check\""
                )
                : (
                    $"rename_constraint: {{ table: {_yamlTable}, name: Known check, to: \"Re 'named'\" }}",
                    $"ALTER TABLE {_table.Sql} RENAME CONSTRAINT \"Known check\" TO \"Re 'named'\""
                );

        private static string Yaml(string text) => JsonSerializer.Serialize(text, Json);
    }
}
