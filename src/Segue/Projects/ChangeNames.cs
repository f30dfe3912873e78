using Segue.Changes.Files;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>Finds a change whose file may not exist any more.</summary>
internal static class ChangeNames
{
    public static Result<string> Resolve(string wanted, ChangeDirectory changes, IReadOnlyList<ChangeRecord> known)
    {
        if (known.Any(record => record.Name == wanted))
        {
            return wanted;
        }

        ChangeLookup lookup = changes.Find(wanted);
        return lookup is ChangeLookup.Found found ? found.File.Name
            : Known(wanted, known) is { } record ? record.Name
            : Failure.BadFile(((ChangeLookup.NotFound)lookup).Error);
    }

    /// <summary>
    /// The change of the ledger with this name, or the only one whose name begins so; null if there is none.
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
