using System.Collections.Concurrent;
using Segue.Changes.Files;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>
/// What need not be read again at each look: files that were not written since, fills that have ended.
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

    public async Task<IReadOnlyList<BackfillRecord>> FillsAsync(
        ILedgerReader ledger,
        ChangeRecord record,
        CancellationToken cancel
    )
    {
        if (record.Status is not (ChangeStatus.Completed or ChangeStatus.RolledBack))
        {
            return await ledger.BackfillsAsync(record.Name, cancel);
        }

        if (
            _fills.TryGetValue(record.Name, out (DateTimeOffset UpdatedAt, IReadOnlyList<BackfillRecord> Fills) known)
            && known.UpdatedAt == record.UpdatedAt
        )
        {
            return known.Fills;
        }

        IReadOnlyList<BackfillRecord> fills = await ledger.BackfillsAsync(record.Name, cancel);
        _fills[record.Name] = (record.UpdatedAt, fills);
        return fills;
    }
}
