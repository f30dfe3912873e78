using Segue.Changes.Files;
using Segue.Engines;
using Segue.Ledger;

namespace Segue.Projects;

/// <summary>Chooses the changes to plan or to apply; refuses where the file of an unfinished one is gone.</summary>
internal sealed class ChangeChoice(ChangeDirectory directory, IReadOnlyList<ChangeRecord> known)
{
    private readonly ChangeFiles _files = new(directory);

    /// <param name="wanted">Names; none for all that are neither completed nor rolled back.</param>
    public Result<ChangeSelection> Of(IReadOnlyList<string> wanted)
    {
        FileNote[] notes = _files
            .List()
            .Match<FileNote[]>(
                list => [.. FileNotes.Of(list, known, file => ChangeFileReader.ReadFile(file.Path))],
                _ => []
            );
        return (wanted.Count > 0 ? _files.FindAll(wanted) : _files.Pending(known)).Match<Result<ChangeSelection>>(
            entries => Of(entries, notes, isNamed: wanted.Count > 0),
            failure =>
                Named(wanted, notes) is { Length: > 0 } gone ? FileNotes.Refusal(gone)
                : Ended(wanted) is { Length: > 0 } ended ? new Failure(FailureKind.BadInput, ended)
                : failure
        );
    }

    /// <summary>One by name, beginning of a name, or file; from the ledger alone where it has no file.</summary>
    public Result<FoundChange> Find(string wanted) =>
        directory.Find(wanted) is not ChangeLookup.Found && ChangeNames.Known(wanted, known) is { } record
            ? new FoundChange(null, record)
            : _files
                .Find(wanted)
                .Match<Result<FoundChange>>(
                    entry => new FoundChange(entry, known.FirstOrDefault(each => each.Name == entry.Change.Name)),
                    failure => failure
                );

    private static Result<ChangeSelection> Of(IReadOnlyList<ChangeEntry> entries, FileNote[] notes, bool isNamed)
    {
        FileNote[] gone = [.. notes.Where(note => note.Kind == FileNoteKind.Gone && !isNamed)];
        if (gone.Length > 0)
        {
            return new Failure(
                FailureKind.Refused,
                [.. gone.Select(note => FileNotes.ProblemOf(note) with { Remedy = Ways(note, entries) })]
            );
        }

        HashSet<string> taken = [.. entries.Select(entry => entry.Change.Name)];
        return new ChangeSelection(entries, [.. notes.Where(note => IsTold(note, isNamed, taken))]);
    }

    /// <summary>Changes that have ended and whose files do not exist: status lists them.</summary>
    private Problem[] Ended(IReadOnlyList<string> wanted) =>
        [
            .. wanted
                .Where(name => _files.Find(name) is Result<ChangeEntry>.Bad)
                .Select(name => ChangeNames.Known(name, known))
                .Where(record => record is { Status: ChangeStatus.Completed or ChangeStatus.RolledBack })
                .Select(record => new Problem(
                    record!.Name,
                    $"it is {Words(record.Status)}, and its file does not exist.",
                    record.Status == ChangeStatus.Completed
                        ? "There is nothing to apply."
                        : "Restore the file to apply it again."
                )),
        ];

    private static string Words(ChangeStatus status) => status == ChangeStatus.Completed ? "completed" : "rolled back";

    private FileNote[] Named(IReadOnlyList<string> wanted, FileNote[] notes)
    {
        string?[] names = [.. wanted.Select(name => ChangeNames.Known(name, known)?.Name)];
        return [.. notes.Where(note => note.Kind == FileNoteKind.Gone && names.Contains(note.Change))];
    }

    // An edited file of a change that is begun is refused by the runner, an invalid one by whoever reads it.
    private static bool IsTold(FileNote note, bool isNamed, HashSet<string> taken) =>
        note.Kind switch
        {
            FileNoteKind.Late => taken.Contains(note.Change),
            FileNoteKind.Edited or FileNoteKind.Invalid => !isNamed && !taken.Contains(note.Change),
            _ => false,
        };

    private static string Ways(FileNote note, IReadOnlyList<ChangeEntry> others) =>
        others.Count == 0
            ? note.Remedy
            : $"{note.Remedy} To apply only the others, name them: "
                + $"{string.Join(" ", others.Select(entry => entry.Change.Name))}.";
}
