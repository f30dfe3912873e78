using Segue.Changes;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.Yaml;

namespace Segue.Projects;

/// <summary>Compares the change files with the ledger.</summary>
internal static class FileNotes
{
    /// <param name="files">Null: there is no directory of change files, so there are no notes.</param>
    /// <param name="read">Reads a file.</param>
    public static IEnumerable<FileNote> Of(
        IReadOnlyList<ChangeFile>? files,
        IReadOnlyList<ChangeRecord> records,
        Func<ChangeFile, ChangeFileResult> read
    )
    {
        if (files is null)
        {
            return [];
        }

        Dictionary<string, ChangeRecord> known = records.ToDictionary(record => record.Name);
        return files
            .Select(file => Of(file, read(file), known.GetValueOrDefault(file.Name), records))
            .OfType<FileNote>()
            .Concat(Gone(files, records));
    }

    // Unfinished changes without files.
    private static IEnumerable<FileNote> Gone(IReadOnlyList<ChangeFile> files, IReadOnlyList<ChangeRecord> records)
    {
        HashSet<string> present = [.. files.Select(file => file.Name)];
        return records.Where(record => IsUnfinished(record) && !present.Contains(record.Name)).Select(Gone);
    }

    public static Failure Refusal(IEnumerable<FileNote> notes) =>
        new(FailureKind.Refused, [.. notes.Select(ProblemOf)]);

    /// <summary>The note as a problem.</summary>
    public static Problem ProblemOf(FileNote note) => new(note.Change, note.What, note.Remedy) { Next = note.Next };

    private static bool IsUnfinished(ChangeRecord record) =>
        record.Status is not (ChangeStatus.Completed or ChangeStatus.RolledBack);

    private static FileNote? Of(
        ChangeFile file,
        ChangeFileResult result,
        ChangeRecord? record,
        IReadOnlyList<ChangeRecord> records
    ) =>
        result switch
        {
            ChangeFileResult.Invalid invalid => Invalid(file, invalid.Errors[0]),
            ChangeFileResult.Read read
                when record is { Status: not ChangeStatus.RolledBack }
                    && record.ContentHash != read.Change.ContentHash => Edited(record),
            ChangeFileResult.Read when record is null => Late(file, records),
            _ => null,
        };

    private static FileNote Invalid(ChangeFile file, FileError error) =>
        new(
            file.Name,
            FileNoteKind.Invalid,
            $"its file is invalid: {ShownPath.Of(error.File)}:{error.Line}:{error.Column}: {Ended(error.Message)}",
            error.Remedy
        );

    private static string Ended(string sentence) => sentence.EndsWith('?') ? sentence : $"{sentence}.";

    private static FileNote Edited(ChangeRecord record) =>
        record.Status == ChangeStatus.Completed
            ? new(
                record.Name,
                FileNoteKind.Edited,
                "its file was edited after the change was completed; the edit has no effect.",
                "Restore the file and write a new change."
            )
            : new(
                record.Name,
                FileNoteKind.Edited,
                "its file was edited after the change had started.",
                "Restore the file; or roll the change back, then apply it."
            )
            {
                Next = [NextAction.Rollback(record.Name)],
            };

    private static FileNote Gone(ChangeRecord record) =>
        new(
            record.Name,
            FileNoteKind.Gone,
            "its file does not exist (another branch?), and the change is not finished: it is "
                + $"{Text.SnakeCase(record.Status)}{(record.Stage is { } stage ? $" in stage {stage}" : "")}.",
            record.Stage is "switch" or "contract"
                ? "Restore the file and apply the change, or end it: roll it back, or complete it."
                : "Restore the file and apply the change, or end it: roll it back."
        )
        {
            Next = record.Stage is "switch" or "contract"
                ? [NextAction.Rollback(record.Name), NextAction.Complete(record.Name)]
                : [NextAction.Rollback(record.Name)],
        };

    private static FileNote? Late(ChangeFile file, IReadOnlyList<ChangeRecord> records)
    {
        string? later = records
            .Where(record =>
                record.Status != ChangeStatus.RolledBack && string.CompareOrdinal(record.Name, file.Name) > 0
            )
            .Select(record => record.Name)
            .Max(StringComparer.Ordinal);
        return later is null
            ? null
            : new(
                file.Name,
                FileNoteKind.Late,
                $"its name sorts before {later}, which has already started.",
                "A database that applies all files in order would run it earlier; give it a later "
                    + "number unless the order does not matter."
            );
    }
}
