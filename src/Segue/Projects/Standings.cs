using Segue.Changes;
using Segue.Changes.Files;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>Reads the state of changes, from the ledger and the change files.</summary>
internal sealed class Standings(ILedgerReader ledger, StatusCache cache)
{
    /// <summary>Changes of the ledger and those that only have a file yet, ordered by name.</summary>
    /// <param name="files">Null: there is no directory of change files.</param>
    public async Task<IReadOnlyList<Standing>> AllAsync(IReadOnlyList<ChangeFile>? files, CancellationToken cancel)
    {
        IReadOnlyList<ChangeRecord> records = await ledger.ExistsAsync(cancel) ? await ledger.ListAsync(cancel) : [];
        IReadOnlyList<RetainedRecord> kept = records.Count > 0 ? await ledger.RetainedAsync(cancel) : [];
        IReadOnlyDictionary<string, IReadOnlyList<BackfillRecord>> fills = await cache.FillsAsync(
            ledger,
            records,
            cancel
        );
        ILookup<string, OldWrites> old = await OldWritesAsync(records, cancel);
        List<Standing> standings =
        [
            .. records.Select(record => With(Of(record, fills[record.Name], kept), old[record.Name])),
        ];

        HashSet<string> known = [.. records.Select(record => record.Name)];
        standings.AddRange(
            (files ?? []).Where(file => !known.Contains(file.Name)).Select(file => Standing.Pending(file.Name))
        );
        ILookup<string, FileNote> notes = FileNotes.Of(files, records, cache.Read).ToLookup(note => note.Change);
        return
        [
            .. standings
                .OrderBy(standing => standing.Name, StringComparer.Ordinal)
                .Select(standing => With(standing, notes)),
        ];
    }

    public async Task<Standing> OneAsync(string change, CancellationToken cancel)
    {
        ChangeRecord? record = await ledger.ExistsAsync(cancel) ? await ledger.FindAsync(change, cancel) : null;
        return record is null
            ? Standing.Pending(change)
            : With(
                Of(record, await ledger.BackfillsAsync(change, cancel), await ledger.RetainedAsync(cancel)),
                (await OldWritesAsync([record], cancel))[change]
            );
    }

    /// <param name="kept">By any change.</param>
    public static Standing Of(
        ChangeRecord record,
        IReadOnlyList<BackfillRecord> backfills,
        params IReadOnlyList<RetainedRecord> kept
    ) =>
        new()
        {
            Kept = kept.Where(item => item.Change == record.Name)
                .Select(item => new KeptItem(item.What, item.Relation, item.Until, item.IsOver))
                .ToArray()
                is { Length: > 0 } items
                ? items
                : null,
            Name = record.Name,
            Status = record.RunnerIsGone ? ChangeStatus.Failed : record.Status,
            Stage = record.Stage,
            Gate = record.Gate,
            Description = record.Description,
            PlanHash = record.PlanHash,
            Commit = record.GitCommit,
            Author = record.Author,
            BegunAt = record.CreatedAt,
            UpdatedAt = record.UpdatedAt,
            Rows = Rows(backfills, isRunning: record is { Status: ChangeStatus.Running, RunnerIsGone: false }),
            FailedRows = Failed(record, backfills),
            Throttle = Throttle(record),
            Error = ErrorOf(record),
        };

    /// <summary>Of changes that have not ended.</summary>
    private async Task<ILookup<string, OldWrites>> OldWritesAsync(
        IReadOnlyList<ChangeRecord> records,
        CancellationToken cancel
    )
    {
        HashSet<string> open =
        [
            .. records
                .Where(record => record.Status is not (ChangeStatus.Completed or ChangeStatus.RolledBack))
                .Select(record => record.Name),
        ];
        return (records.Count == 0 ? [] : await ledger.OldWritesAsync(cancel))
            .Where(writes => open.Contains(writes.Change))
            .ToLookup(writes => writes.Change);
    }

    private static Standing With(Standing standing, IEnumerable<OldWrites> old) =>
        old.ToArray() is { Length: > 0 } seen ? standing with { OldWrites = seen } : standing;

    private static Standing With(Standing standing, ILookup<string, FileNote> notes) =>
        standing with
        {
            Notes = [.. notes[standing.Name]],
        };

    private static string? ErrorOf(ChangeRecord record) =>
        record switch
        {
            { RunnerIsGone: true } =>
                $"Its runner ended (killed, or disconnected from the server). {HowToGoOn(record)}",
            { Status: ChangeStatus.Interrupted } => $"It was interrupted. {HowToGoOn(record)}",
            _ => record.Error,
        };

    private static string HowToGoOn(ChangeRecord record) =>
        record.RollingBack ? "Roll it back to continue." : "Apply it to continue.";

    private static RowCounts Rows(IReadOnlyList<BackfillRecord> backfills, bool isRunning)
    {
        // A rate outlives the run that measured it.
        double perSecond = isRunning
            ? backfills.Where(backfill => !backfill.Finished).Sum(backfill => backfill.RowsPerSecond)
            : 0;
        double left = backfills.Sum(backfill => RowsIn(backfill, backfill.UnitsTotal - backfill.UnitsDone));
        return new RowCounts(
            backfills.Sum(Total),
            backfills.Sum(backfill => backfill.RowsDone),
            (long)Math.Ceiling(backfills.Sum(backfill => RowsIn(backfill, backfill.UnitsSkipped))),
            Math.Round(perSecond, 1),
            perSecond > 0 ? Math.Round(left / perSecond, 1) : null
        );
    }

    /// <summary>What the server believed is replaced by what was found.</summary>
    private static long Total(BackfillRecord backfill) =>
        backfill.Finished ? backfill.RowsDone : Math.Max(backfill.RowsTotal, backfill.RowsDone);

    /// <summary>From verify on the verdict shows which rows are left.</summary>
    private static FailedRows? Failed(ChangeRecord record, IReadOnlyList<BackfillRecord> backfills)
    {
        FailedRows failed = backfills
            .Where(backfill =>
                record.Stage is "backfill" or "verify"
                || (record.Stage is { } stage && backfill.StepId.StartsWith(stage, StringComparison.Ordinal))
            )
            .Aggregate(FailedRows.None, (all, backfill) => all.Plus(backfill.Failed));
        return failed.Count == 0 || record.Status is ChangeStatus.Completed or ChangeStatus.RolledBack ? null : failed;
    }

    private static double RowsIn(BackfillRecord backfill, long units) =>
        backfill.UnitsTotal == 0 ? 0 : (double)backfill.RowsTotal * units / backfill.UnitsTotal;

    private static ThrottleState Throttle(ChangeRecord record) =>
        record switch
        {
            { PauseRequested: true, Status: ChangeStatus.Running or ChangeStatus.Paused } => new ThrottleState(
                true,
                record.ThrottleReason ?? "a person asked for it"
            ),
            { ThrottleReason: { } reason, Status: ChangeStatus.Running or ChangeStatus.Paused } => new ThrottleState(
                true,
                reason
            ),
            _ => new ThrottleState(),
        };
}
