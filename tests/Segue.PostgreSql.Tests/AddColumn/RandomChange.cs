using Segue.Conformance;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>A random table and a random change of it, with the plain statements that come to the same.</summary>
internal sealed class RandomChange
{
    private const string Parents =
        "CREATE TABLE parents (code int PRIMARY KEY, label text); INSERT INTO parents SELECT n, 'p' || n "
        + "FROM generate_series(0, 9) n;";

    private static readonly string[] Names = ["added", "Added Too", "user", "añadido", "co\"l", "old"];

    private readonly Random _random;
    private readonly RandomTable _table;
    private readonly List<string> _yaml = [];
    private readonly List<string> _adds = [];
    private readonly List<string> _sets = [];
    private readonly List<string> _then = [];

    private RandomChange(int seed)
    {
        _random = new Random(seed);
        _table = new RandomTable(_random);
    }

    public static ChangeCase Of(int seed)
    {
        RandomChange change = new(seed);
        string setup = Parents + string.Join(";\n", change._table.Statements());
        string[] taken = [.. change._table.Columns.Select(column => column.Name)];
        foreach (string name in Names.Except(taken).OrderBy(_ => change._random.Next()).Take(change._random.Next(1, 4)))
        {
            change.AddColumn(name);
        }

        return new ChangeCase
        {
            Name = $"seed {seed}",
            Setup = setup,
            File = "operations:\n" + string.Concat(change._yaml),
            Plain = string.Join(
                ";\n",
                [
                    $"ALTER TABLE {change._table.Sql} {string.Join(", ", change._adds)}",
                    .. change._sets.Count == 0
                        ? Array.Empty<string>()
                        :
                        [
                            $"UPDATE {change._table.Sql} SET {string.Join(", ", change._sets)}",
                            "SET CONSTRAINTS ALL IMMEDIATE",
                        ],
                    .. change._then,
                ]
            ),
        };
    }

    private void AddColumn(string name)
    {
        string sql = RandomTable.Quoted(name);
        string alter = $"ALTER TABLE {_table.Sql}";
        (string type, string expression, string constant, string? check) = Kind(sql);
        List<string> keys = [$"table: {Yaml(_table.Sql)}", $"name: {Yaml(name)}", $"type: {Yaml(type)}"];
        string? filled = Filled(keys, expression, constant, out string? @default);
        bool notNull = (filled is not null || @default is not null) && _random.Next(2) == 0;
        if (notNull && filled is not null && filled != constant)
        {
            keys[^1] = keys[^1].Replace(Yaml(filled), Yaml($"coalesce({filled}, {constant})"));
            filled = $"coalesce({filled}, {constant})";
        }

        _adds.Add($"ADD COLUMN {sql} {type}{(filled is null && @default is not null ? $" DEFAULT {@default}" : "")}");
        if (filled is not null)
        {
            _sets.Add($"{sql} = {filled}");
        }

        Maybe(notNull, keys, "nullable: false", $"{alter} ALTER COLUMN {sql} SET NOT NULL");
        Maybe(
            filled is not null && @default is not null,
            keys,
            null,
            $"{alter} ALTER COLUMN {sql} SET DEFAULT {@default}"
        );
        Maybe(
            check is not null && _random.Next(2) == 0,
            keys,
            $"check: {Yaml(check ?? "")}",
            $"{alter} ADD CHECK ({check})"
        );
        Maybe(_random.Next(3) == 0, keys, "index: true", $"CREATE INDEX ON {_table.Sql} ({sql})");
        Maybe(
            type == "int" && check is not null && _random.Next(2) == 0,
            keys,
            "references: { table: parents, on_delete: cascade }",
            $"{alter} ADD FOREIGN KEY ({sql}) REFERENCES parents ON DELETE CASCADE"
        );
        Maybe(
            _random.Next(4) == 0,
            keys,
            "comment: \"it's; \\\"new\\\"\"",
            $"COMMENT ON COLUMN {_table.Sql}.{sql} IS 'it''s; \"new\"'"
        );
        _yaml.Add($"  - add_column:\n{string.Concat(keys.Select(key => $"      {key}\n"))}");
    }

    private void Maybe(bool wanted, List<string> keys, string? key, string statement)
    {
        if (wanted)
        {
            keys.AddRange(key is null ? [] : [key]);
            _then.Add(statement);
        }
    }

    /// <summary>
    /// The expression existing rows are filled with, its key last among <paramref name="keys"/>; null for none.
    /// </summary>
    private string? Filled(List<string> keys, string expression, string constant, out string? @default)
    {
        @default = _random.Next(3) == 0 ? constant : null;
        if (@default is not null)
        {
            keys.Add($"default: {Yaml(@default)}");
        }

        (string? key, string? filled) = _random.Next(5) switch
        {
            0 => (null, null),
            1 => ("backfill", constant),
            2 => ("backfill", expression),
            _ => ("derive", expression),
        };
        if (key is not null)
        {
            keys.Add($"{key}: {Yaml(filled!)}");
        }

        return filled;
    }

    private (string Type, string Expression, string Constant, string? Check) Kind(string sql)
    {
        (string name, string type) = _table.AnyColumn();
        string source = RandomTable.Quoted(name);
        string text = $"({source})::text";
        return _random.Next(9) switch
        {
            0 or 1 => ("int", $"length({text}) % 10", "7", $"{sql} BETWEEN 0 AND 9"),
            2 => ("text", $"upper({text}) || key", "'none'", $"{sql} <> 'never'"),
            3 => ("varchar(8)", $"left({text}, 8)", "'none'", null),
            4 => ("numeric(10,2)", $"length({text}) / 3.0", "0.125", $"{sql} >= 0"),
            5 => ("jsonb", $"to_jsonb({source})", "'{}'", null),
            6 => ("text[]", $"ARRAY[{text}, NULL]", "'{}'", $"cardinality({sql}) < 9"),
            7 => ("date", $"date '2020-01-01' + length({text})", "'2000-01-01'", null),
            _ => (
                type is "json" or "point" ? "bigint" : type,
                type is "json" or "point" ? "key * 2" : source,
                type switch
                {
                    "int" or "bigint" or "json" or "point" or "numeric(12,3)" or "double precision" => "0",
                    "boolean" => "false",
                    "date" or "timestamptz" => "'2000-01-01'",
                    "uuid" => "'00000000-0000-0000-0000-000000000000'",
                    "text" or "varchar(30)" or "bytea" => "''",
                    _ => "'{}'",
                },
                null
            ),
        };
    }

    private static string Yaml(string text) => $"'{text.Replace("'", "''")}'";
}
