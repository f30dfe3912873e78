using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Execution;

/// <summary>Looks for old code before a change takes away what old code needs.</summary>
internal sealed class OldCode(ILedger ledger, RunOptions options, TimeProvider time)
{
    /// <summary>Null if the change may be completed.</summary>
    public async Task<RunOutcome.Refused?> ObjectionAsync(
        ChangeRecord record,
        CompleteRequest request,
        CancellationToken cancel
    )
    {
        if (request.AlthoughOldCodeWrites)
        {
            return options.Actor?.Reason is null
                ? RunOutcome.Refused.For(
                    record.Name,
                    "it is to be completed although old code writes, without a reason.",
                    "Give a reason: it is recorded."
                )
                : null;
        }

        TimeSpan quietFor = QuietFor(request);
        OldWrites[] seen =
        [
            .. (await ledger.OldWritesAsync(cancel)).Where(writes =>
                writes.Change == record.Name && writes.Breaks && writes.LastAgo < quietFor
            ),
        ];
        if (seen.Length > 0)
        {
            return Refused(record.Name, seen, quietFor);
        }

        return
            request.QuietFor is { } asked && await WatchedAsync(record.Name, cancel) is { } watched && watched < asked
            ? RunOutcome.Refused.For(
                record.Name,
                $"old code is to be quiet for {Plain.Duration(asked)}, and has been watched for "
                    + $"{Plain.Duration(watched)} only.",
                $"Complete it in {Plain.Duration(asked - watched)}, or ask for a shorter time.",
                NextAction.Complete(record.Name)
            )
            : null;
    }

    /// <summary>How long no write may have been seen when the locks are held.</summary>
    public TimeSpan QuietFor(CompleteRequest request) =>
        request.AlthoughOldCodeWrites ? TimeSpan.Zero : request.QuietFor ?? options.QuietFor;

    /// <summary>Records who completes the change although old code writes, why, and what was seen.</summary>
    public async Task RecordAsync(string change, CompleteRequest request, CancellationToken cancel)
    {
        if (!request.AlthoughOldCodeWrites)
        {
            return;
        }

        OldWrites[] seen = [.. (await ledger.OldWritesAsync(cancel)).Where(writes => writes.Change == change)];
        await ledger.AppendAsync(
            change,
            "although_old_code_writes",
            $"{Actor.Words(options.Actor, options.Runner)}; seen: "
                + (seen.Length == 0 ? "none" : string.Join("; ", seen.AsEnumerable())),
            cancel
        );
    }

    /// <summary>The writes of old code to a change, as the contract transaction found them.</summary>
    public async Task<RunOutcome.Refused> MeanwhileAsync(string change, CancellationToken cancel) =>
        Refused(
            change,
            [.. (await ledger.OldWritesAsync(cancel)).Where(writes => writes.Change == change && writes.Breaks)],
            options.QuietFor
        );

    private static RunOutcome.Refused Refused(string change, IReadOnlyList<OldWrites> seen, TimeSpan quietFor) =>
        RunOutcome.Refused.For(
            change,
            $"old code still writes: {string.Join("; ", seen)}. Its writes would fail, or leave wrong values.",
            $"Stop that code or deploy the new one, wait until it has been quiet for {Plain.Duration(quietFor)}, and "
                + "complete it then. If such writes may fail, complete it although old code writes, with a reason.",
            NextAction.Complete(change),
            NextAction.Complete(change) with
            {
                AlthoughOldCodeWrites = true,
            }
        );

    /// <summary>Since when old writes are counted: the end of expand. Null where nothing was created for it.</summary>
    private async Task<TimeSpan?> WatchedAsync(string change, CancellationToken cancel)
    {
        DateTimeOffset? since = (await ledger.StepsAsync(change, cancel))
            .Where(step => step.Stage == Text.SnakeCase(StageName.Expand))
            .Max(step => step.EndedAt);
        return since is { } at ? time.GetUtcNow() - at : null;
    }
}
