using System.Collections.Concurrent;
using Segue.Changes.Files;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>
/// Remembers what need not be read for each status: files that were not written since, and fills that have ended.
/// </summary>
internal sealed class StatusCache
{
    private readonly ConcurrentDictionary<string, (long Length, DateTime Written, ChangeFileResult Read)> _files = [];
    private readonly ConcurrentDictionary<
        string,
        (DateTimeOffset UpdatedAt, IReadOnlyList<BackfillRecord> Fills)
    > _fills = [];

    public ChangeFileResult Read(ChangeFile file)
    {
        FileInfo now = new(file.Path);
        (long Length, DateTime Written) stamp = now.Exists ? (now.Length, now.LastWriteTimeUtc) : (-1, default);
        if (
            _files.TryGetValue(file.Path, out (long Length, DateTime Written, ChangeFileResult Read) known)
            && (known.Length, known.Written) == stamp
        )
        {
            return known.Read;
        }

        ChangeFileResult read = ChangeFileReader.ReadFile(file.Path);
        _files[file.Path] = (stamp.Length, stamp.Written, read);
        return read;
    }

    /// <summary>The fills of all these changes, with one question to the ledger, or none.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<BackfillRecord>>> FillsAsync(
        ILedgerReader ledger,
        IReadOnlyList<ChangeRecord> records,
        CancellationToken cancel
    )
    {
        Dictionary<string, IReadOnlyList<BackfillRecord>> all = [];
        List<ChangeRecord> unknown = [];
        foreach (ChangeRecord record in records)
        {
            if (
                HasEnded(record)
                && _fills.TryGetValue(record.Name, out (DateTimeOffset At, IReadOnlyList<BackfillRecord> Fills) known)
                && known.At == record.UpdatedAt
            )
            {
                all[record.Name] = known.Fills;
            }
            else
            {
                unknown.Add(record);
            }
        }

        if (unknown.Count == 0)
        {
            return all;
        }

        ILookup<string, BackfillRecord> read = await ledger.BackfillsAsync(
            [.. unknown.Select(record => record.Name)],
            cancel
        );
        foreach (ChangeRecord record in unknown)
        {
            all[record.Name] = [.. read[record.Name]];
            if (HasEnded(record))
            {
                _fills[record.Name] = (record.UpdatedAt, all[record.Name]);
            }
        }

        return all;
    }

    private static bool HasEnded(ChangeRecord record) =>
        record.Status is ChangeStatus.Completed or ChangeStatus.RolledBack;
}
