using Segue.Conformance;
using Segue.Engines;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

[Trait("kind", "create_enum")]
[Trait("kind", "add_enum_value")]
[Trait("kind", "rename_enum_value")]
public class EnumConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, EnumCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task An_enum_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, EnumCases.All.Single(each => each.Name == change));
}

[Trait("kind", "create_domain")]
[Trait("kind", "alter_domain")]
public class DomainConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, DomainCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_domain_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, DomainCases.All.Single(each => each.Name == change));
}

[Trait("kind", "create_domain")]
[Trait("kind", "alter_domain")]
public class SmallDomainConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, DomainCases.Small);

    protected override PlanOptions Planning { get; } = new();

    [Theory, MemberData(nameof(Each))]
    public Task A_domain_of_small_tables_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, DomainCases.Small.Single(each => each.Name == change));

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, DomainCases.Small.Single(each => each.Name == change));
}

[Trait("kind", "create_enum")]
[Trait("kind", "add_enum_value")]
[Trait("kind", "rename_enum_value")]
[Trait("kind", "create_domain")]
[Trait("kind", "alter_domain")]
public class TypeRollbackTests : ConformanceTests
{
    private static readonly IReadOnlyList<ChangeCase> All = [.. EnumCases.All, .. DomainCases.All];

    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, All.Single(each => each.Name == change));
}
