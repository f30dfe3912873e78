using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

[Trait("kind", "set_options")]
public class OptionConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, OptionCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task Options_end_as_plain_statements_make_them(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, OptionCases.All.Single(each => each.Name == change));
}

[Trait("kind", "attach_partition")]
[Trait("kind", "detach_partition")]
public class PartitionKindConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, PartitionKindCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_partition_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, PartitionKindCases.All.Single(each => each.Name == change));
}

[Trait("kind", "set_options")]
[Trait("kind", "attach_partition")]
[Trait("kind", "detach_partition")]
public class TableRollbackTests : ConformanceTests
{
    private static readonly IReadOnlyList<ChangeCase> All = [.. OptionCases.All.SkipLast(1), .. PartitionKindCases.All];

    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, All.Single(each => each.Name == change));
}
