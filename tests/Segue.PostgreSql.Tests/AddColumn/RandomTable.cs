using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// A table with a random name, random columns of random types, keys, indexes, constraints and rows. The same seed makes
/// the same table.
/// </summary>
internal sealed class RandomTable
{
    private static readonly string[] Names =
    [
        "id",
        "Region",
        "select",
        "a b",
        "it's",
        "we\"ird",
        "naïve",
        "x.y",
        "order",
        "VALUE",
        "new",
        "名前",
        "tg_op",
        "lower_name",
        "{0}",
        "$1",
    ];

    private static readonly (string Type, string Value)[] Types =
    [
        ("int", "n % 97"),
        ("bigint", "n * 1000003"),
        ("text", "md5(n::text)"),
        ("varchar(30)", "left(md5(n::text), n % 30)"),
        ("numeric(12,3)", "n / 7.0"),
        ("boolean", "n % 3 = 0"),
        ("date", "date '2024-01-31' + n"),
        ("timestamptz", "timestamptz '2024-01-01 00:00+00' + n * interval '1 hour'"),
        ("jsonb", "jsonb_build_object('n', n)"),
        ("json", "json_build_object('n', n)"),
        ("int[]", "ARRAY[n, NULL]"),
        ("uuid", "md5(n::text)::uuid"),
        ("double precision", "sqrt(n)"),
        ("point", "point(n, n)"),
        ("bytea", "decode(md5(n::text), 'hex')"),
    ];

    private readonly Random _random;

    public RandomTable(Random random)
    {
        _random = random;
        string[] names = [.. Names.OrderBy(_ => random.Next())];
        Schema = random.Next(3) == 0 ? "My \"shop\"" : "public";
        Name = random.Next(2) == 0 ? "items" : names[^1];
        IsPartitioned = random.Next(5) == 0;
        Columns = [("key", "int"), .. names.Take(random.Next(1, 7)).Select(name => (name, Any(Types).Type))];
    }

    public string Schema { get; }

    public string Name { get; }

    public bool IsPartitioned { get; }

    public IReadOnlyList<(string Name, string Type)> Columns { get; }

    public string Sql => $"{Quoted(Schema)}.{Quoted(Name)}";

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"")}\"";

    public IEnumerable<string> Statements()
    {
        if (Schema != "public")
        {
            yield return $"CREATE SCHEMA {Quoted(Schema)}";
        }

        bool hasKey = _random.Next(3) > 0;
        string columns = string.Join(", ", Columns.Select(column => $"{Quoted(column.Name)} {column.Type}"));
        yield return $"CREATE {(IsPartitioned || _random.Next(8) > 0 ? "" : "UNLOGGED ")}TABLE {Sql} (gone int, "
            + $"{columns}{(hasKey ? ", PRIMARY KEY (key)" : "")})"
            + (
                IsPartitioned ? " PARTITION BY RANGE (key)"
                : _random.Next(4) == 0 ? " WITH (fillfactor = 60)"
                : ""
            );
        if (IsPartitioned)
        {
            yield return $"CREATE TABLE {Quoted(Schema)}.part_1 PARTITION OF {Sql} FOR VALUES FROM (0) TO (50)";
            yield return $"CREATE TABLE {Quoted(Schema)}.part_2 PARTITION OF {Sql} DEFAULT";
        }

        if (_random.Next(2) == 0)
        {
            yield return $"ALTER TABLE {Sql} DROP COLUMN gone";
        }

        foreach (
            (string name, string type) in Columns
                .Skip(1)
                .Where(column => column.Type is not ("json" or "point") && _random.Next(3) == 0)
        )
        {
            string order = _random.Next(3) == 0 ? " DESC NULLS LAST" : "";
            string where = _random.Next(3) == 0 ? " WHERE key > 10" : "";
            yield return $"CREATE INDEX ON {Sql} ({Quoted(name)}{order}){where}";
            yield return $"ALTER TABLE {Sql} ADD CHECK ({Quoted(name)} IS NULL OR {Quoted(name)}::text <> 'never "
                + $"{type}')";
        }

        int rows = _random.Next(4) switch
        {
            0 => _random.Next(3),
            1 => _random.Next(2000),
            _ => _random.Next(300),
        };
        string values = string.Join(
            ", ",
            Columns
                .Skip(1)
                .Select(column =>
                    $"CASE WHEN n % {_random.Next(2, 9)} > 0 THEN "
                    + $"{Types.First(type => type.Type == column.Type).Value} END"
                )
        );
        yield return $"INSERT INTO {Sql} "
            + $"({string.Join(", ", Columns.Select(column => Quoted(column.Name)))}) "
            + "SELECT n, "
            + $"{values} FROM generate_series(1, {rows}) n";
    }

    /// <summary>A column's name and type, any of them.</summary>
    public (string Name, string Type) AnyColumn() => Any(Columns);

    private T Any<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
