namespace Segue.Conformance;

/// <summary>
/// What every engine owes every change kind: a table taken live equals one that was altered while everybody waited.
/// </summary>
public abstract class ChangeConformance
{
    /// <summary>An empty database on a server of that major version.</summary>
    protected abstract Task<IConformanceDatabase> DatabaseAsync(int version);

    /// <inheritdoc cref="ChangeProtocols.EndsAsThePlainStatementsDoAsync"/>
    protected async Task EndsAsThePlainStatementsDoAsync(int version, ChangeCase change)
    {
        await using IConformanceDatabase db = await DatabaseAsync(version);
        await ChangeProtocols.EndsAsThePlainStatementsDoAsync(db, change, all: false);
    }

    /// <inheritdoc cref="ChangeProtocols.RollsBackFromEveryStageAsync"/>
    protected async Task RollsBackFromEveryStageAsync(int version, ChangeCase change)
    {
        await using IConformanceDatabase db = await DatabaseAsync(version);
        await ChangeProtocols.RollsBackFromEveryStageAsync(db, change, all: false);
    }
}
