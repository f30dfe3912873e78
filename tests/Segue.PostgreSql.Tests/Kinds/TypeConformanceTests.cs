using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

public class EnumConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, EnumCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task An_enum_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, EnumCases.All.Single(each => each.Name == change));
}

public class TypeRollbackTests : ConformanceTests
{
    private static readonly IReadOnlyList<ChangeCase> All = [.. EnumCases.All];

    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, All);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) => RollsBackFromEveryStageAsync(major, All.Single(each => each.Name == change));
}
