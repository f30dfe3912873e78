using Segue.Conformance;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

[Trait("kind", "rename_table")]
public class RenamedTableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, TableCases.Renames);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, TableCases.Renames, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task A_renamed_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, TableCases.Renames.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, TableCases.Renames.Single(each => each.Name == change));
}

[Trait("kind", "create_table")]
public class CreatedTableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, TableCases.Creations);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, TableCases.Creations, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task A_created_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, TableCases.Creations.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, TableCases.Creations.Single(each => each.Name == change));
}

[Trait("kind", "drop_table")]
public class DroppedTableConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, TableCases.Drops);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, TableCases.Drops, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task A_dropped_table_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, TableCases.Drops.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, TableCases.Drops.Single(each => each.Name == change));

    [Theory, MemberData(nameof(Each))]
    public async Task A_dropped_table_is_restored_unchanged_after_completion(int major, string change)
    {
        ChangeCase each = TableCases.Drops.Single(each => each.Name == change);
        await using IConformanceDatabase db = await DatabaseAsync(major);
        await db.ExecuteAsync(each.Setup);
        DatabaseState before = await db.StateAsync();
        await db.ApplyAsync(each.File);
        await db.CompleteAsync();

        await db.RollbackAsync();

        (await db.StateAsync()).ShouldEqual(before, "after a rollback of the completed change");
        (
            await db.AskAsync(
                "SELECT NOT EXISTS (SELECT FROM segue.retained) AND NOT EXISTS (SELECT FROM pg_namespace "
                    + "WHERE nspname LIKE 'segue\\_kept\\_%')"
            )
        ).ShouldBeTrue();
        await db.ApplyAsync(each.File);
        await db.CompleteAsync();
        (await db.StateAsync()).Rows.ShouldNotBe(before.Rows);
    }
}

[Trait("kind", "rename_column")]
public class RenamedColumnConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, RenameColumnCases.All);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, RenameColumnCases.All, first: 2);

    [Theory, MemberData(nameof(Each))]
    public Task A_renamed_column_ends_as_plain_statements_make_it(int major, string change) =>
        EndsAsThePlainStatementsDoAsync(major, RenameColumnCases.All.Single(each => each.Name == change));

    [Theory, MemberData(nameof(ByTurns))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, RenameColumnCases.All.Single(each => each.Name == change));
}
