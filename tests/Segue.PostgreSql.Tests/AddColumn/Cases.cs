using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>What the cases share.</summary>
internal static class Cases
{
    /// <summary>300 orders with NULLs among the regions.</summary>
    public const string Orders = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY, name text UNIQUE);
        INSERT INTO currencies VALUES ('USD', 'dollar'), ('EUR', 'euro'), ('CHF', NULL);
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, amount integer NOT NULL,
            note text);
        INSERT INTO orders (region, amount, note) SELECT CASE n % 3 WHEN 0 THEN 'eu' WHEN 1 THEN 'us' END, n,
            repeat('x', n % 50) FROM generate_series(1, 300) n;

        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        .. FillCases.All,
        .. AttributeCases.All,
        .. TypeCases.All,
        .. NameCases.All,
        .. TableCases.All,
        .. PartitionCases.All,
    ];

    /// <summary>A change file of <c>add_column</c> operations, each given as the inside of a YAML flow map.</summary>
    public static string Adds(params IEnumerable<string> columns) =>
        "operations:\n" + string.Concat(columns.Select(column => $"  - add_column: {{ {column} }}\n"));

    public static ChangeCase Named(string name) => All.Single(change => change.Name == name);

    /// <summary>
    /// Every case on the newest server and on one of the others by turns: a run on one version alone
    /// (SEGUE_TEST_POSTGRES=16) takes all there too. The quick tier takes one of the two for most.
    /// </summary>
    public static IEnumerable<object[]> On(IReadOnlyList<int> majors, IEnumerable<ChangeCase> cases) =>
        from each in cases.Index()
        let possible = Possible(majors, each.Item)
        where possible.Length > 0
        from major in new[] { possible[^1], Rotation.Pick(possible, each.Index) }.Distinct()
        where Rotation.Takes(each.Index) || major == Rotation.Pick(possible, each.Index)
        select new object[] { major, each.Item.Name };

    /// <summary>Every case on one server only, by turns.</summary>
    /// <param name="first">Begins with another server, so that two such theories take each case on two.</param>
    public static IEnumerable<object[]> ByTurns(
        IReadOnlyList<int> majors,
        IEnumerable<ChangeCase> cases,
        int first = 0
    ) =>
        from each in cases.Index()
        let possible = Possible(majors, each.Item)
        where possible.Length > 0
        select new object[] { Rotation.Pick(possible, each.Index + first), each.Item.Name };

    /// <summary>Every case when everything runs, a fifth of them by turns in the quick tier.</summary>
    public static IEnumerable<ChangeCase> Fifth(IEnumerable<ChangeCase> cases) =>
        cases.Index().Where(each => Rotation.Takes(each.Index)).Select(each => each.Item);

    private static int[] Possible(IReadOnlyList<int> majors, ChangeCase change) =>
        [.. majors.Where(major => major >= change.FirstVersion && major <= change.LastVersion)];
}
