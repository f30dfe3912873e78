using Segue.Changes;
using Segue.Changes.Files;
using Segue.Ledger;
using Segue.Yaml;

namespace Segue.Projects;

/// <summary>The changes of a project: its files, with the ledger's records.</summary>
internal sealed class ChangeFiles(ChangeDirectory directory)
{
    /// <summary>One change by name, beginning of a name, or file.</summary>
    public Result<ChangeEntry> Find(string wanted) =>
        directory.Find(wanted) switch
        {
            ChangeLookup.Found found => Read(found.File),
            ChangeLookup.NotFound missing => Failure.BadFile(missing.Error),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    /// <summary>What the file of exactly this name says; null where there is none.</summary>
    public Result<Change?> FindNamed(string change) =>
        directory.Find(change) is ChangeLookup.Found { File: var file } && file.Name == change
            ? Read(file).Match<Result<Change?>>(entry => entry.Change, failure => failure)
            : new Result<Change?>.Good(null);

    /// <summary>Several by name, in the given order, each once. All are read before any is returned.</summary>
    public Result<IReadOnlyList<ChangeEntry>> FindAll(IEnumerable<string> wanted)
    {
        List<ChangeFile> files = [];
        List<FileError> missing = [];
        foreach (string name in wanted)
        {
            switch (directory.Find(name))
            {
                case ChangeLookup.Found found when files.All(file => file.Name != found.File.Name):
                    files.Add(found.File);
                    break;
                case ChangeLookup.NotFound lookup:
                    missing.Add(lookup.Error);
                    break;
            }
        }

        return missing.Count > 0 ? Failure.BadFile(missing) : ReadAll(files);
    }

    /// <summary>
    /// In order, those that are neither completed nor rolled back. All are read before any is returned: nothing starts
    /// while one is broken.
    /// </summary>
    public Result<IReadOnlyList<ChangeEntry>> Pending(IReadOnlyList<ChangeRecord> known)
    {
        HashSet<string> closed =
        [
            .. known
                .Where(record => record.Status is ChangeStatus.Completed or ChangeStatus.RolledBack)
                .Select(record => record.Name),
        ];
        return List().Match(files => ReadAll(files.Where(file => !closed.Contains(file.Name))), failure => failure);
    }

    public Result<IReadOnlyList<ChangeFile>> List() =>
        directory.List() switch
        {
            ChangeListing.Listed listed => new Result<IReadOnlyList<ChangeFile>>.Good(listed.Files),
            ChangeListing.Invalid invalid => Failure.BadFile(invalid.Error),
            var other => throw new System.Diagnostics.UnreachableException($"{other.GetType()}"),
        };

    private static Result<IReadOnlyList<ChangeEntry>> ReadAll(IEnumerable<ChangeFile> files)
    {
        List<ChangeEntry> entries = [];
        List<FileError> errors = [];
        foreach (ChangeFile file in files)
        {
            switch (ChangeFileReader.ReadFile(file.Path))
            {
                case ChangeFileResult.Read read:
                    entries.Add(new ChangeEntry(file, read.Change));
                    break;
                case ChangeFileResult.Invalid invalid:
                    errors.AddRange(invalid.Errors);
                    break;
            }
        }

        return errors.Count == 0 ? new Result<IReadOnlyList<ChangeEntry>>.Good(entries) : Failure.BadFile(errors);
    }

    private static Result<ChangeEntry> Read(ChangeFile file) =>
        ReadAll([file]).Match<Result<ChangeEntry>>(entries => entries[0], failure => failure);
}
