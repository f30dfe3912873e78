using Segue.Planning;
using Shouldly;

namespace Segue.Conformance;

/// <summary>The lives of a change whose ends are compared.</summary>
internal static class ChangeProtocols
{
    /// <summary>
    /// Start, rollback, start, complete; the end equals the plain statements' end. The quick tier rolls back in one of
    /// five turns.
    /// </summary>
    /// <param name="all">Always with the rollback: where that costs nothing.</param>
    public static async Task EndsAsThePlainStatementsDoAsync(IConformanceDatabase db, ChangeCase change, bool all)
    {
        bool rollsBack = !change.LeavesTraces && (all || Rotation.Takes(Rotation.Number(change.Name)));
        await db.ExecuteAsync(change.Setup);
        DatabaseState before = await db.StateAsync();
        DatabaseState expected = await db.StateAfterAsync(change.Plain);
        if (await db.ApplyAsync(change.File))
        {
            if (rollsBack)
            {
                await db.RollbackAsync();
                await ShouldBeAsBeforeAsync(db, change, before, "after a rollback from the gate");
                await db.ApplyAsync(change.File);
            }

            await db.CompleteAsync();
        }

        await ShouldHaveEndedAsync(db, change, expected);
    }

    /// <summary>
    /// Rollback gives back schema and rows, whichever stage was the last; then the change still goes its whole way. The
    /// quick tier rolls back from each stage in one of five turns, and goes the whole way in another one.
    /// </summary>
    /// <param name="all">Always from every stage, and the whole way: where that costs nothing.</param>
    public static async Task RollsBackFromEveryStageAsync(IConformanceDatabase db, ChangeCase change, bool all)
    {
        await db.ExecuteAsync(change.Setup);
        DatabaseState before = await db.StateAsync();
        Plan plan = await db.PlannedAsync(change.File);
        int number = Rotation.Number(change.Name);
        foreach (Stage stage in plan.Stages.SkipLast(1).Where((_, at) => all || Rotation.Takes(number + at)))
        {
            await db.ApplyAsync(change.File, stage.Name);
            await db.RollbackAsync();
            await ShouldBeAsBeforeAsync(db, change, before, $"after a rollback from {stage.Name}");
        }

        if (!all && !Rotation.Takes(number + plan.Stages.Count - 1))
        {
            return;
        }

        DatabaseState expected = await db.StateAfterAsync(change.Plain);
        if (await db.ApplyAsync(change.File))
        {
            await db.CompleteAsync();
        }

        await ShouldHaveEndedAsync(db, change, expected);
    }

    private static async Task ShouldBeAsBeforeAsync(
        IConformanceDatabase db,
        ChangeCase change,
        DatabaseState before,
        string when
    )
    {
        (await db.StateAsync()).ShouldEqual(before, when, withRows: !change.KeepsWhatItFilled);
        (await db.LeftoversAsync()).ShouldBeEmpty(when);
    }

    private static async Task ShouldHaveEndedAsync(IConformanceDatabase db, ChangeCase change, DatabaseState expected)
    {
        (await db.StateAsync()).ShouldEqual(expected, "in the end, against the plain statements", change.ComparesRows);
        (await db.LeftoversAsync()).ShouldBeEmpty();
        if (change.Holds is not null)
        {
            (await db.AskAsync(change.Holds)).ShouldBeTrue(change.Holds);
        }
    }
}
