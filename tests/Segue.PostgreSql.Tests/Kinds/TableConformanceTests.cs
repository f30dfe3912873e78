using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

public class RenamedTableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, TableCases.Renames);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, TableCases.Renames);

    [Theory, MemberData(nameof(Each))]
    public Task A_renamed_table_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, TableCases.Renames.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) => RollsBackFromEveryStageAsync(major, TableCases.Renames.Single(each => each.Name == change));
}

public class CreatedTableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, TableCases.Creations);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, TableCases.Creations);

    [Theory, MemberData(nameof(Each))]
    public Task A_created_table_ends_as_plain_statements_make_it(int major, string change) => EndsAsThePlainStatementsDoAsync(major, TableCases.Creations.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) => RollsBackFromEveryStageAsync(major, TableCases.Creations.Single(each => each.Name == change));
}
