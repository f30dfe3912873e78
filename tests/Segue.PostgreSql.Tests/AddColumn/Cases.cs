using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>What the cases share.</summary>
internal static class Cases
{
    /// <summary>300 orders with NULLs among the regions.</summary>
    public const string Orders =
        """
        CREATE TABLE currencies (code char(3) PRIMARY KEY, name text UNIQUE);
        INSERT INTO currencies VALUES ('USD', 'dollar'), ('EUR', 'euro'), ('CHF', NULL);
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, amount integer NOT NULL, note text);
        INSERT INTO orders (region, amount, note) SELECT CASE n % 3 WHEN 0 THEN 'eu' WHEN 1 THEN 'us' END, n, repeat('x', n % 50) FROM generate_series(1, 300) n;

        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
        [.. FillCases.All, .. AttributeCases.All, .. TypeCases.All, .. NameCases.All, .. TableCases.All, .. PartitionCases.All];

    /// <summary>A change file of <c>add_column</c> operations, each given as the inside of a YAML flow map.</summary>
    public static string Adds(params IEnumerable<string> columns) => "operations:\n" + string.Concat(columns.Select(column => $"  - add_column: {{ {column} }}\n"));

    public static ChangeCase Named(string name) => All.Single(change => change.Name == name);

    public static TheoryData<int, string> On(IEnumerable<int> majors, IEnumerable<ChangeCase> cases)
    {
        TheoryData<int, string> data = [];
        foreach (ChangeCase change in cases)
        {
            foreach (int major in majors.Where(major => major >= change.FirstVersion && major <= change.LastVersion))
            {
                data.Add(major, change.Name);
            }
        }

        return data;
    }
}
