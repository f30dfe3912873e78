using System.Data.Common;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Works on a change while holding the lease, and enters the work again after a lost connection.</summary>
internal sealed class LeasedWork(IEngine engine, RunOptions options, Action<RunEvent> emit, TimeProvider time)
{
    /// <summary>
    /// The session of a runner that has just died exists for a moment longer: a single poll would see it as running.
    /// </summary>
    private const int Looks = 4;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <param name="change">The change's name.</param>
    /// <param name="work">What is done under the lease.</param>
    /// <param name="withoutLedger">
    /// The outcome where the database has no ledger: none is created, and nothing is done. Null: it is created.
    /// </param>
    /// <param name="cancel">Interrupts.</param>
    public async Task<RunOutcome> RunAsync(
        string change,
        Func<Lease, CancellationToken, Task<RunOutcome>> work,
        RunOutcome? withoutLedger,
        CancellationToken cancel
    )
    {
        EngineUse use = EngineUse.Of(engine);
        if (!use.TryBegin())
        {
            return await BesideAsync(cancel);
        }

        try
        {
            return await AloneAsync(change, work, withoutLedger, cancel);
        }
        finally
        {
            use.End();
        }
    }

    private async Task<RunOutcome> BesideAsync(CancellationToken cancel)
    {
        LeaseHolder? holder = null;
        try
        {
            holder = await engine.Records.Ledger.ExistsAsync(cancel)
                ? await engine.Records.Leases.HolderAsync(cancel)
                : null;
        }
        catch (Exception error) when (error is OperationCanceledException || IsOfServer(error))
        {
            // Its name is all that was asked for.
        }

        DateTimeOffset now = time.GetUtcNow();
        return await NamedAsync(holder ?? new LeaseHolder(options.Runner, now, now), cancel);
    }

    /// <summary>One lease covers all changes of a database: it does not say which change runs.</summary>
    private async Task<RunOutcome> NamedAsync(LeaseHolder holder, CancellationToken cancel)
    {
        RunOutcome.AnotherRunner other = new(holder);
        try
        {
            ChangeRecord? running = (await engine.Records.Ledger.ListAsync(cancel)).FirstOrDefault(record =>
                record is { Status: ChangeStatus.Running or ChangeStatus.Paused, RunnerIsGone: false }
            );
            return other with { Change = running?.Name };
        }
        catch (Exception error) when (error is OperationCanceledException || IsOfServer(error))
        {
            return other;
        }
    }

    private async Task<RunOutcome> AloneAsync(
        string change,
        Func<Lease, CancellationToken, Task<RunOutcome>> work,
        RunOutcome? withoutLedger,
        CancellationToken cancel
    )
    {
        Reconnection reconnection = new(engine.Execution, options, time, emit);
        Lease? lease;
        LeaseHolder? holder;
        try
        {
            (lease, holder) = await reconnection.GuardAsync(() => AcquireAsync(withoutLedger is null, cancel), cancel);
        }
        catch (Exception error)
            when (cancel.IsCancellationRequested && (error is OperationCanceledException || IsOfServer(error)))
        {
            return new RunOutcome.Interrupted();
        }
        catch (Exception error) when (IsOfServer(error))
        {
            return new RunOutcome.Failed(engine.Execution.Describe(error));
        }

        if (lease is null)
        {
            return holder is null ? withoutLedger! : await NamedAsync(holder, cancel);
        }

        await using LeaseKeeper keeper = new(engine, lease, options, time, emit);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancel, keeper.Lost);
        return await HoldingAsync(
            change,
            keeper,
            () => reconnection.GuardAsync(() => UnlessForgottenAsync(change, lease, work, both.Token), both.Token),
            cancel
        );
    }

    /// <summary>
    /// Checked each time the work is entered: after a lost connection another server may answer, which did not receive
    /// the last writes.
    /// </summary>
    private async Task<RunOutcome> UnlessForgottenAsync(
        string change,
        Lease lease,
        Func<Lease, CancellationToken, Task<RunOutcome>> work,
        CancellationToken cancel
    )
    {
        if (await new Succession(engine, change, lease).FindAsync(cancel) is not { } ended)
        {
            return await WithReplicasAsync(change, () => work(lease, cancel), cancel);
        }

        if (ended is RunOutcome.Forgotten forgotten)
        {
            await TryRecordAsync(change, ChangeStatus.Failed, forgotten.Message, lease);
        }

        return ended;
    }

    /// <summary>
    /// Checked before anything begins, and again after each lost connection: a failover may have made a replica the
    /// server that Segue writes to.
    /// </summary>
    private async Task<RunOutcome> WithReplicasAsync(
        string change,
        Func<Task<RunOutcome>> work,
        CancellationToken cancel
    )
    {
        foreach (ReplicaFinding found in await engine.Execution.Replicas.ExamineAsync(cancel))
        {
            if (found.Remedy is { } remedy)
            {
                return RunOutcome.Refused.For(change, found.What, remedy);
            }

            emit(new RunEvent.Note(found.What));
        }

        return await work();
    }

    private async Task<(Lease? Lease, LeaseHolder? Holder)> AcquireAsync(bool creates, CancellationToken cancel)
    {
        if (!creates && !await engine.Records.Ledger.ExistsAsync(cancel))
        {
            return (null, null);
        }

        await engine.Records.Ledger.EnsureAsync(cancel);
        for (int look = 1; ; look++)
        {
            (Lease? lease, LeaseHolder? holder) = await engine.Records.Leases.TryAcquireAsync(
                options.Runner,
                options.LeaseTime,
                cancel
            );
            if (lease is not null || look == Looks)
            {
                return (lease, holder);
            }

            await Task.Delay(BetweenLooks, time, cancel);
        }
    }

    private async Task<RunOutcome> HoldingAsync(
        string change,
        LeaseKeeper keeper,
        Func<Task<RunOutcome>> work,
        CancellationToken cancel
    )
    {
        try
        {
            return await work();
        }
        catch (Exception error)
            when (keeper.Lost.IsCancellationRequested || engine.Execution.Classify(error) == ErrorClass.LeaseLost)
        {
            return await new Succession(engine, change, keeper.Lease).AfterLossAsync();
        }
        catch (Exception error)
            when (cancel.IsCancellationRequested && (error is OperationCanceledException || IsOfServer(error)))
        {
            await TryRecordAsync(change, ChangeStatus.Interrupted, null, keeper.Lease);
            return new RunOutcome.Interrupted();
        }
        catch (Exception error) when (IsOfServer(error))
        {
            string message = engine.Execution.Describe(error);
            await TryRecordAsync(change, ChangeStatus.Failed, message, keeper.Lease);
            return new RunOutcome.Failed(message);
        }
    }

    /// <summary>Drivers report a lost connection by other exceptions as well, such as those of a socket.</summary>
    private bool IsOfServer(Exception error) =>
        error is DbException
        || engine.Execution.Classify(error) is not (ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled);

    private async Task TryRecordAsync(string change, ChangeStatus status, string? error, Lease lease)
    {
        try
        {
            ChangeRecord? record = await engine.Records.Ledger.FindAsync(change, CancellationToken.None);
            bool hasEnded =
                record?.Status is ChangeStatus.Completed or ChangeStatus.RolledBack
                || (record?.Status, status) is (ChangeStatus.Waiting, ChangeStatus.Interrupted);
            if (hasEnded)
            {
                // The work ended; only a standby's confirmation was missing.
                await engine.Records.Ledger.SetThrottleAsync(change, null, lease, CancellationToken.None);
            }
            else if (record is not null)
            {
                ChangeProgress progress = new(status)
                {
                    Stage = record.Stage,
                    Error = error,
                    RollingBack = record.RollingBack,
                };
                await engine.Records.Ledger.SetStatusAsync(change, progress, lease, CancellationToken.None);
            }
        }
        catch (Exception failure) when (IsOfServer(failure))
        {
            // The server that would store the note is what failed; the outcome reports it.
        }
    }
}
