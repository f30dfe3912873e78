using Segue.Ledger;
using Segue.Running;

namespace Segue.Backfill;

/// <summary>Waits while a pause is requested; the lease and its heartbeat continue.</summary>
internal sealed class Pause(RunContext run)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    public async Task WaitAsync(CancellationToken cancel)
    {
        ILedger ledger = run.Records.Ledger;
        ChangeRecord? record = await ledger.FindAsync(run.Plan.Change, cancel);
        if (record is not { PauseRequested: true })
        {
            return;
        }

        const string Paused = "a person asked for it";
        run.Emit(new RunEvent.Throttled(Paused));
        await ledger.SetStatusAsync(
            run.Plan.Change,
            new ChangeProgress(ChangeStatus.Paused) { Stage = record.Stage },
            run.Lease,
            cancel
        );
        while (record is { PauseRequested: true })
        {
            await run.DelayAsync(Poll, cancel);
            record = await ledger.FindAsync(run.Plan.Change, cancel);
        }

        await ledger.SetStatusAsync(
            run.Plan.Change,
            new ChangeProgress(ChangeStatus.Running) { Stage = record?.Stage },
            run.Lease,
            cancel
        );
        run.Emit(new RunEvent.Throttled(null));
    }
}
