using Segue.Changes.Files;
using Segue.Ledger;

namespace Segue.Cli.Running;

/// <summary>Finds the change that is meant where its file need not exist any more.</summary>
internal static class ChangeNames
{
    public static async Task<Result<string>> ResolveAsync(Session session, string wanted, CancellationToken cancel)
    {
        ILedgerReader ledger = session.Engine.Records.Ledger;
        IReadOnlyList<ChangeRecord> known = await ledger.ExistsAsync(cancel) ? await ledger.ListAsync(cancel) : [];
        if (known.Any(record => record.Name == wanted))
        {
            return wanted;
        }

        ChangeLookup lookup = session.Project.Changes.Find(wanted);
        return lookup is ChangeLookup.Found found ? found.File.Name
            : Known(wanted, known) is { } record ? record.Name
            : Failure.BadFile(((ChangeLookup.NotFound)lookup).Error);
    }

    /// <summary>
    /// The one of the ledger that has this name, or whose name alone begins so; null where there is none.
    /// </summary>
    public static ChangeRecord? Known(string wanted, IReadOnlyList<ChangeRecord> known)
    {
        ChangeRecord[] begun =
        [
            .. known.Where(record => wanted.Length > 0 && record.Name.StartsWith(wanted, StringComparison.Ordinal)),
        ];
        return begun.FirstOrDefault(record => record.Name == wanted) ?? (begun.Length == 1 ? begun[0] : null);
    }
}
