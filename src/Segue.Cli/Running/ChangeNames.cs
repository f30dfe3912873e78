using Segue.Changes;
using Segue.Ledger;

namespace Segue.Cli.Running;

/// <summary>Finds the change that is meant where its file need not exist any more.</summary>
internal static class ChangeNames
{
    public static async Task<Result<string>> ResolveAsync(Session session, string wanted, CancellationToken cancel)
    {
        ILedger ledger = session.Engine.Ledger;
        string[] known = await ledger.ExistsAsync(cancel) ? [.. (await ledger.ListAsync(cancel)).Select(record => record.Name)] : [];
        if (known.Contains(wanted))
        {
            return wanted;
        }

        ChangeLookup lookup = session.Project.Changes.Find(wanted);
        if (lookup is ChangeLookup.Found found)
        {
            return found.File.Name;
        }

        string[] begun = [.. known.Where(name => wanted.Length > 0 && name.StartsWith(wanted, StringComparison.Ordinal))];
        return begun.Length == 1 ? begun[0] : Failure.BadFile(((ChangeLookup.NotFound)lookup).Error);
    }
}
