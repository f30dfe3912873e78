using Segue.Conformance;
using Segue.Execution;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

[Trait("kind", "drop_column")]
public class DropColumnConformanceTests : ConformanceTests
{
    public static IEnumerable<object[]> Each => Cases.ByTurns(Postgres.Majors, DropColumnCases.Kept);

    public static IEnumerable<object[]> ByTurns => Cases.ByTurns(Postgres.Majors, DropColumnCases.Kept, first: 2);

    [Theory, MemberData(nameof(ByTurns))]
    public Task A_column_dropped_at_once_rolls_back_from_every_stage_and_ends_as_plain_statements_make_it(
        int major,
        string change
    ) => RollsBackFromEveryStageAsync(major, DropColumnCases.AtOnce.Single(each => each.Name == change));

    [Theory, MemberData(nameof(Each))]
    public async Task A_dropped_column_is_restored_unchanged_and_then_purged(int major, string change)
    {
        ChangeCase each = DropColumnCases.Kept.Single(each => each.Name == change);
        TestDatabase database = await Postgres.DatabaseAsync(major);
        await using PostgresConformanceDatabase db = new(database);
        await db.ExecuteAsync(each.Setup);
        DatabaseState before = await db.StateAsync();
        DatabaseState plain = await db.StateAfterAsync(each.Plain);
        await db.ApplyAsync(each.File);
        await db.CompleteAsync();

        await db.RollbackAsync();

        (await db.StateAsync()).ShouldEqual(before, "after a rollback of the completed change");
        (await db.LeftoversAsync()).ShouldBeEmpty();
        (await db.AskAsync("SELECT NOT EXISTS (SELECT FROM segue.retained)")).ShouldBeTrue();
        await db.ApplyAsync(each.File);
        await db.CompleteAsync();
        (await db.LeftoversAsync()).ShouldBeEmpty();
        (await database.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>();
        (await db.StateAsync()).ShouldEqual(plain, "after a purge");
    }
}
