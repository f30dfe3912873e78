using Segue.Planning;
using Shouldly;

namespace Segue.Conformance;

/// <summary>The lives of a change whose ends are compared.</summary>
internal static class ChangeProtocols
{
    /// <summary>Start, rollback, start, complete; the end equals the plain statements' end.</summary>
    public static async Task EndsAsThePlainStatementsDoAsync(IConformanceDatabase db, ChangeCase change)
    {
        await db.ExecuteAsync(change.Setup);
        DatabaseState before = await db.StateAsync();
        DatabaseState expected = await db.StateAfterAsync(change.Plain);
        if (await db.ApplyAsync(change.File))
        {
            if (!change.LeavesTraces)
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
    /// quick tier goes back from one of the stages, and then the whole way for a fifth of the cases.
    /// </summary>
    /// <param name="all">Always from every stage, and the whole way: where that costs nothing.</param>
    public static async Task RollsBackFromEveryStageAsync(IConformanceDatabase db, ChangeCase change, bool all)
    {
        await db.ExecuteAsync(change.Setup);
        DatabaseState before = await db.StateAsync();
        DatabaseState expected = await db.StateAfterAsync(change.Plain);
        Plan plan = await db.PlannedAsync(change.File);
        int number = Rotation.Number(change.Name);
        Stage[] stages = [.. plan.Stages.SkipLast(1)];
        foreach (Stage stage in all || Rotation.IsFull || stages.Length < 2 ? stages : [Rotation.Pick(stages, number)])
        {
            await db.ApplyAsync(change.File, stage.Name);
            await db.RollbackAsync();
            await ShouldBeAsBeforeAsync(db, change, before, $"after a rollback from {stage.Name}");
        }

        if (!all && !Rotation.Takes(number))
        {
            return;
        }

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
