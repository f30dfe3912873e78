using Segue.Engines;

namespace Segue.Tests.Memory;

/// <summary>Long statements in memory. They belong to the server: one goes on when its runner dies.</summary>
internal sealed class MemoryOnline(MemoryDatabase database) : IOnlineStatements
{
    public async Task RunAsync(OnlineCall call, OnlineWatch watch, CancellationToken cancel)
    {
        database.Answer();
        database.State.Fenced(call.Lease);
        OnlineRun run = Begin(database, call.Statement);
        await using CancellationTokenRegistration ending = cancel.Register(run.Cancel.Cancel);
        watch.Report(new OnlineProgress("building", 0, 1, null));
        try
        {
            await run.Ended;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new MemoryException(ErrorClass.Cancelled, "The statement was cancelled.");
        }

        database.Answer();
    }

    public Task<bool> IsRunningAsync(string statement, CancellationToken cancel)
    {
        database.Answer();
        return Task.FromResult(database.Running.ContainsKey(statement));
    }

    public Task CancelAsync(string statement, CancellationToken cancel)
    {
        database.Answer();
        if (!database.IsStubborn)
        {
            database.Running.GetValueOrDefault(statement)?.Cancel.Cancel();
        }

        return Task.CompletedTask;
    }

    /// <summary>As a runner begins it, whatever becomes of the runner.</summary>
    public static OnlineRun Begin(MemoryDatabase database, string statement)
    {
        database.Commit(state => MemoryStatement.Begin(state, statement));
        CancellationTokenSource ended = new();
        OnlineRun run = new(WorkAsync(database, statement, ended.Token), ended);
        if (!run.Ended.IsCompleted)
        {
            database.Running[statement] = run;
        }

        return run;
    }

    private static async Task WorkAsync(MemoryDatabase database, string statement, CancellationToken ended)
    {
        try
        {
            await Task.Delay(database.Build, database.Time, ended);
            database.Commit(state => MemoryStatement.Apply(state, statement));
        }
        finally
        {
            database.Running.Remove(statement);
        }
    }
}
