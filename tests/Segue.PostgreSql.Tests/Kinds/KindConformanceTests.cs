using Segue.Conformance;
using Segue.Engines;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

[Trait("kind", "create_index")]
[Trait("kind", "drop_index")]
[Trait("kind", "rename_index")]
[Trait("kind", "replace_index")]
[Trait("kind", "reindex")]
public class IndexConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, IndexCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task An_index_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, IndexCases.All.Single(each => each.Name == change));
}

[Trait("kind", "add_check")]
[Trait("kind", "add_foreign_key")]
[Trait("kind", "add_unique")]
[Trait("kind", "add_primary_key")]
[Trait("kind", "drop_constraint")]
[Trait("kind", "rename_constraint")]
public class ConstraintConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, ConstraintCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_constraint_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, ConstraintCases.All.Single(each => each.Name == change));
}

[Trait("kind", "alter_column")]
public class AlterColumnConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, AlterColumnCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_column_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, AlterColumnCases.All.Single(each => each.Name == change));
}

[Trait("kind", "alter_column")]
public class AlterColumnOfSmallTableTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, AlterColumnCases.All, first: 2);

    protected override PlanOptions Planning { get; } = new();

    [Theory, MemberData(nameof(Each))]
    public Task A_column_of_a_small_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, AlterColumnCases.All.Single(each => each.Name == change));
}

[Trait("kind", "backfill")]
[Trait("kind", "prune")]
public class RowConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, RowCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task Rows_end_as_plain_statements_leave_them(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, RowCases.All.Single(each => each.Name == change));
}

[Trait("kind", "sql")]
public class SqlConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, SqlCases.All);

    [Theory, MemberData(nameof(Each))]
    public Task A_statement_ends_as_run_by_hand(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, SqlCases.All.Single(each => each.Name == change));
}

/// <summary>Small tables, as these constraints need.</summary>
[Trait("kind", "add_exclusion")]
public class ExclusionConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, ConstraintCases.Exclusions);

    protected override PlanOptions Planning { get; } = new();

    [Theory, MemberData(nameof(Each))]
    public Task An_exclusion_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, ConstraintCases.Exclusions.Single(each => each.Name == change));

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, ConstraintCases.Exclusions.Single(each => each.Name == change));
}

[Trait("kind", "alter_column")]
public class AlterColumnRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, AlterColumnCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, AlterColumnCases.All.Single(each => each.Name == change));
}

[Trait("kind", "create_index")]
[Trait("kind", "drop_index")]
[Trait("kind", "rename_index")]
[Trait("kind", "replace_index")]
[Trait("kind", "reindex")]
public class IndexRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, IndexCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, IndexCases.All.Single(each => each.Name == change));
}

[Trait("kind", "add_check")]
[Trait("kind", "add_foreign_key")]
[Trait("kind", "add_unique")]
[Trait("kind", "add_primary_key")]
[Trait("kind", "drop_constraint")]
[Trait("kind", "rename_constraint")]
public class ConstraintRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, ConstraintCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, ConstraintCases.All.Single(each => each.Name == change));
}

[Trait("kind", "backfill")]
[Trait("kind", "prune")]
public class RowRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, RowCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, RowCases.All.Single(each => each.Name == change));
}

[Trait("kind", "sql")]
public class SqlRollbackTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, SqlCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, SqlCases.All.Single(each => each.Name == change));
}
