using System.Diagnostics;
using Segue.Changes;
using Segue.Changes.Files;
using Segue.Changes.Keys;
using Segue.Settings;

namespace Segue.Projects;

/// <summary>A directory with <c>segue.yaml</c> and change files: all that is known without a database.</summary>
public sealed class SegueProject
{
    private SegueProject(SegueSettings settings, ChangeDirectory changes) => (Settings, Changes) = (settings, changes);

    /// <summary>What <c>segue.yaml</c> says, or the defaults where there is none.</summary>
    public SegueSettings Settings { get; }

    /// <summary>The full path of the directory of change files, which need not exist.</summary>
    public string ChangesPath => Changes.Path;

    internal ChangeDirectory Changes { get; }

    /// <summary>
    /// Opens the project of a directory: the nearest <c>segue.yaml</c> in it or above it; defaults where there is none.
    /// </summary>
    /// <param name="directory">Where to look.</param>
    /// <param name="adjust">
    /// Changes settings after they were read, e.g. <c>settings => settings with { Changes = "db" }</c>. Default: as
    /// read.
    /// </param>
    /// <returns>The project; <see cref="FailureKind.BadInput"/> where <c>segue.yaml</c> is invalid.</returns>
    public static Result<SegueProject> Open(string directory, Func<SegueSettings, SegueSettings>? adjust = null)
    {
        SettingsResult read = SettingsFile.Find(directory) is { } path
            ? SettingsFile.ReadFile(path)
            : new SettingsResult.Read(SegueSettings.Default);
        return read switch
        {
            SettingsResult.Invalid invalid => Failure.BadFile(invalid.Errors),
            SettingsResult.Read { Settings: var settings } => With(adjust?.Invoke(settings) ?? settings, directory),
            var other => throw new UnreachableException($"{other.GetType()}"),
        };
    }

    /// <summary>Finds a change file by the change's name, the beginning of it, or the file, and reads it.</summary>
    /// <returns>The change; <see cref="FailureKind.BadInput"/> where there is none, or its file is invalid.</returns>
    public Result<ChangeEntry> Find(string change) => new ChangeFiles(Changes).Find(change);

    /// <summary>All change files in order, unread.</summary>
    /// <returns>The files; <see cref="FailureKind.BadInput"/> where there is no such directory.</returns>
    public Result<IReadOnlyList<ChangeFile>> List() => new ChangeFiles(Changes).List();

    /// <summary>
    /// Reads every change file and compares the numbers of their names: mistakes are in the result of each file.
    /// </summary>
    /// <returns>All files, in order; <see cref="FailureKind.BadInput"/> where there is no such directory.</returns>
    public Result<IReadOnlyList<CheckedChange>> Check() =>
        List()
            .Match<Result<IReadOnlyList<CheckedChange>>>(
                files => new Result<IReadOnlyList<CheckedChange>>.Good(ChangeCheck.Of(files)),
                failure => failure
            );

    /// <summary>An operation of the given values, for <see cref="Write"/>.</summary>
    /// <param name="kind">One of <see cref="ChangeKind.All"/>.</param>
    /// <param name="given">
    /// Values by the key's name, each in the <see cref="ChangeKindKey.Form"/> of its key. Required keys that are
    /// missing get an example's value; so do the typical ones if no optional key is given.
    /// </param>
    /// <returns>The operation; <see cref="FailureKind.BadInput"/> where a value is invalid.</returns>
    public static Result<ChangeDraft> Draft(ChangeKind kind, IReadOnlyDictionary<string, string> given) =>
        NewChanges.Draft(kind, given);

    /// <summary>
    /// Creates the directory of change files, and in it the JSON Schema that the first line of each change file names.
    /// </summary>
    /// <returns>The path of the schema; null where it was there already.</returns>
    public string? Prepare() => new NewChanges(Changes).Prepare();

    /// <summary>Writes a change file of one operation, in which every key is explained.</summary>
    /// <param name="operation">What changes.</param>
    /// <param name="slug">What a name that Segue chooses says after its number, e.g. <c>orders_currency</c>.</param>
    /// <param name="name">The change's name. Default: the next number and <paramref name="slug"/>.</param>
    /// <param name="description">What the change is for. Default: none.</param>
    /// <returns>
    /// The file; <see cref="FailureKind.BadInput"/> where the change is invalid, or there is such a file already.
    /// </returns>
    public Result<ChangeEntry> Write(
        Operation operation,
        string slug,
        string? name = null,
        string? description = null
    ) => new NewChanges(Changes).Write(operation, slug, name, description);

    /// <summary>Says which database is meant, without connecting to it.</summary>
    /// <param name="database">
    /// A URL, a connection string or the name of an environment in <c>segue.yaml</c>. Null: the environment variable
    /// <c>SEGUE_DATABASE</c>, else the default environment.
    /// </param>
    /// <param name="engines">Those that may be meant.</param>
    /// <param name="options">Default: all at their defaults.</param>
    /// <returns>What to connect with; <see cref="FailureKind.BadInput"/> where that is not known.</returns>
    public Result<ConnectRequest> Database(string? database, EngineRegistry engines, TargetOptions? options = null)
    {
        TargetOptions chosen = options ?? new TargetOptions();
        return new DatabaseChoice(Settings, engines, chosen.Variable, chosen.Argument)
            .Resolve(database)
            .Match<Result<ConnectRequest>>(request => request with { Time = chosen.Time }, failure => failure);
    }

    /// <summary>True when a database is named somewhere, rightly or wrongly.</summary>
    /// <param name="database">As for <see cref="Database"/>.</param>
    /// <param name="options">Default: all at their defaults.</param>
    public bool NamesDatabase(string? database, TargetOptions? options = null) =>
        !string.IsNullOrWhiteSpace(database)
        || !string.IsNullOrWhiteSpace((options ?? new TargetOptions()).Variable(DatabaseChoice.Variable))
        || Settings.DefaultEnvironment is not null;

    /// <summary>Connects to a database of the project.</summary>
    /// <param name="database">As for <see cref="Database"/>.</param>
    /// <param name="engines">Those that may be meant.</param>
    /// <param name="options">Default: all at their defaults.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>
    /// The database, to be disposed of; <see cref="FailureKind.BadInput"/> where it is not known which is meant,
    /// <see cref="FailureKind.Failed"/> where it cannot be reached.
    /// </returns>
    public Task<Result<SegueTarget>> ConnectAsync(
        string? database,
        EngineRegistry engines,
        TargetOptions? options = null,
        CancellationToken cancel = default
    ) =>
        Database(database, engines, options)
            .Match(
                async request =>
                    (await request.Engine.ConnectAsync(request, cancel)).Match<Result<SegueTarget>>(
                        engine => new SegueTarget(For(request), engine, request.Address, options),
                        failure => failure
                    ),
                failure => Task.FromResult<Result<SegueTarget>>(failure)
            );

    /// <summary>The project as it is for one database: what its environment says wins.</summary>
    /// <param name="request">From <see cref="Database"/>; an engine is connected with it.</param>
    public SegueProject For(ConnectRequest request) =>
        new(Settings with { Plan = Settings.Plan with { Staged = request.Staged ?? Settings.Plan.Staged } }, Changes);

    private static SegueProject With(SegueSettings settings, string directory) =>
        new(settings, new ChangeDirectory(Path.GetFullPath(settings.Changes, Path.GetFullPath(directory))));
}
