using Segue.Running;
using Segue.Throttling;

namespace Segue.Execution;

/// <summary>Waits until other servers have confirmed the commits, and reports the servers it waits for.</summary>
internal sealed class Confirming(RunContext run)
{
    /// <summary>A standby that keeps up confirms within milliseconds.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>The outcome of a run, after its commits are confirmed.</summary>
    public async Task<RunOutcome> AfterAsync(Task<RunOutcome> running, CancellationToken cancel)
    {
        RunOutcome outcome = await running;
        if (
            outcome
            is RunOutcome.Completed
                or RunOutcome.RolledBack
                or RunOutcome.WaitingAtGate
                or RunOutcome.StoppedAfter
        )
        {
            await WaitAsync(cancel);
        }

        return outcome;
    }

    public async Task WaitAsync(CancellationToken cancel)
    {
        if (!await run.Execution.Confirmation.IsNeededAsync(cancel))
        {
            return;
        }

        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task confirmed = run.Execution.Confirmation.WaitAsync(run.Plan.Change, ended.Token);
        try
        {
            if (await Task.WhenAny(confirmed, run.DelayAsync(Silent, cancel)) != confirmed)
            {
                await WaitAndReportAsync(confirmed, cancel);
            }

            await confirmed;
            cancel.ThrowIfCancellationRequested();
        }
        finally
        {
            await ended.CancelAsync();
            await confirmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitAndReportAsync(Task confirmed, CancellationToken cancel)
    {
        await using Throttle throttle = new(run, []);
        while (!confirmed.IsCompleted)
        {
            await throttle.WaitAsync(await run.Execution.Confirmation.DescribeAsync(cancel), Poll, cancel);
        }

        await confirmed;
        await throttle.WaitUntilClearAsync(cancel);
    }
}
