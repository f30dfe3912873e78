using Segue.Engines;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

public class IndexConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, IndexCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task An_index_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, IndexCases.All.Single(each => each.Name == change));
}

public class ConstraintConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, ConstraintCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_constraint_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, ConstraintCases.All.Single(each => each.Name == change));
}

/// <summary>Small tables, as these constraints need.</summary>
public class ExclusionConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, ConstraintCases.Exclusions);

    protected override PlanOptions Planning { get; } = new();

    [Theory, MemberData(nameof(Each))]
    public Task An_exclusion_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, ConstraintCases.Exclusions.Single(each => each.Name == change));

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) => RollsBackFromEveryStageAsync(major, ConstraintCases.Exclusions.Single(each => each.Name == change));
}

public class KindRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, [.. IndexCases.All, .. ConstraintCases.All]);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, IndexCases.All.Concat(ConstraintCases.All).Single(each => each.Name == change));
}
