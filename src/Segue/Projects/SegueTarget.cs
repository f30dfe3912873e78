using System.Runtime.CompilerServices;
using Segue.Changes;
using Segue.Changes.Files;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;

namespace Segue.Projects;

/// <summary>
/// One database of a project. Expected ends are values (<see cref="RunOutcome"/>, <see cref="Result{T}"/>); a server
/// that stops answering while something is only read is a <see cref="System.Data.Common.DbException"/>, a ledger of a
/// newer version a <see cref="LedgerTooNewException"/>, a cancelled read an <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class SegueTarget : IAsyncDisposable
{
    private static readonly Bounds<TimeSpan> WatchBounds = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24));
    private static readonly Bounds<int> HistoryBounds = new(1, 10_000);

    private readonly TargetOptions _options;
    private readonly ILedger _ledger;
    private readonly StatusCache _cache = new();

    /// <summary>On an engine that is connected already.</summary>
    /// <param name="project">Whose changes and settings hold.</param>
    /// <param name="engine">Disposed of with this.</param>
    /// <param name="address">The database's address; null where it is not known.</param>
    /// <param name="options">Default: all at their defaults.</param>
    public SegueTarget(
        SegueProject project,
        IEngine engine,
        DatabaseAddress? address = null,
        TargetOptions? options = null
    )
    {
        Project = project;
        Engine = engine;
        Address = address;
        _options = options ?? new TargetOptions();
        _ledger = engine.Records.Ledger;
    }

    /// <summary>Whose changes and settings hold.</summary>
    public SegueProject Project { get; }

    /// <summary>
    /// The engine, for what is not said here: the doctor, the plan as a script, statements to explain.
    /// </summary>
    public IEngine Engine { get; }

    /// <summary>The database's address; null where it is not known.</summary>
    public DatabaseAddress? Address { get; }

    /// <summary>
    /// Creates what is missing of a ledger that is there, or brings it up to this version; nothing where there is none.
    /// Every run does that; call it before planning, which reads the ledger and repairs nothing.
    /// </summary>
    /// <param name="cancel">Ends the repair.</param>
    public async Task RepairLedgerAsync(CancellationToken cancel = default)
    {
        if (await _ledger.ExistsAsync(cancel))
        {
            await _ledger.EnsureAsync(cancel);
        }
    }

    /// <summary>
    /// The changes to apply, in order: all that are neither completed nor rolled back, or those that are named. All
    /// are read before any is returned.
    /// </summary>
    /// <param name="names">Names, beginnings of names or files. Default: none, for all.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>
    /// The changes; <see cref="FailureKind.BadInput"/> where a file is invalid, <see cref="FailureKind.Refused"/> where
    /// the file of an unfinished change is gone.
    /// </returns>
    public async Task<Result<ChangeSelection>> PendingAsync(
        IReadOnlyList<string>? names = null,
        CancellationToken cancel = default
    ) => new ChangeChoice(Project.Changes, await RecordsAsync(cancel)).Of(names ?? []);

    /// <summary>
    /// Plans a change for this database, and changes nothing. For a change that was begun it is the plan it was begun
    /// with.
    /// </summary>
    /// <returns>
    /// The plan; <see cref="FailureKind.BadInput"/> where the change does not fit the database,
    /// <see cref="FailureKind.Refused"/> where it could not be done safely.
    /// </returns>
    public Task<Result<PlannedChange>> PlanAsync(ChangeEntry change, CancellationToken cancel = default) =>
        new ChangePlanner(Engine, Project.Settings.Plan).PlanAsync(change.Change, change.File.Path, cancel);

    /// <summary>Plans a change that a program made and that has no file.</summary>
    /// <inheritdoc cref="PlanAsync(ChangeEntry, CancellationToken)"/>
    public Task<Result<PlannedChange>> PlanAsync(Change change, CancellationToken cancel = default) =>
        new ChangePlanner(Engine, Project.Settings.Plan).PlanAsync(change, file: null, cancel);

    /// <summary>Plans the change of that name, beginning of a name, or file.</summary>
    /// <inheritdoc cref="PlanAsync(ChangeEntry, CancellationToken)"/>
    public Task<Result<PlannedChange>> PlanAsync(string change, CancellationToken cancel = default) =>
        Project
            .Find(change)
            .Match(entry => PlanAsync(entry, cancel), failure => Task.FromResult<Result<PlannedChange>>(failure));

    /// <summary>
    /// Runs the plan that was shown up to its gate, or resumes it. Refused where the change was begun with another
    /// plan, or where the database changed since and another plan came of that; nothing is changed then.
    /// </summary>
    /// <param name="shown">From <see cref="PlanAsync(ChangeEntry, CancellationToken)"/>.</param>
    /// <param name="request">Default: as far as the gate, with the commit and author of the change's file.</param>
    /// <param name="actor">Who acts, and why, for the ledger's events. Default: that of the options.</param>
    /// <param name="events">Gets each event, in order, one at a time. The run waits for it.</param>
    /// <param name="cancel">Interrupts: the run ends after a rollback of what is under way and can be resumed.</param>
    public async Task<RunOutcome> ApplyAsync(
        PlannedChange shown,
        ApplyRequest? request = null,
        Actor? actor = null,
        IProgress<RunEvent>? events = null,
        CancellationToken cancel = default
    )
    {
        ApplyRequest asked = request ?? new ApplyRequest();
        try
        {
            asked = asked.Origin is null ? asked with { Origin = await OriginAsync(shown, cancel) } : asked;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The run below ends as interrupted.
        }

        return await Runner(actor, events).ApplyAsync(shown, asked, cancel);
    }

    /// <summary>
    /// Passes a change's gate and finishes it. Refused while old code still writes, and where its file was edited after
    /// it had started; a file that is missing is no obstacle.
    /// </summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="request">Default: old code must be quiet for as long as the settings say.</param>
    /// <param name="actor">Who acts, and why, for the ledger's events. Default: that of the options.</param>
    /// <param name="events">Gets each event, in order, one at a time. The run waits for it.</param>
    /// <param name="cancel">Interrupts; completing it again resumes.</param>
    public Task<RunOutcome> CompleteAsync(
        string change,
        CompleteRequest? request = null,
        Actor? actor = null,
        IProgress<RunEvent>? events = null,
        CancellationToken cancel = default
    ) =>
        new ChangeFiles(Project.Changes)
            .FindNamed(change)
            .Match(
                file =>
                    Runner(actor, events)
                        .CompleteAsync(change, request ?? new CompleteRequest(), file?.ContentHash, cancel),
                failure => Task.FromResult<RunOutcome>(new RunOutcome.Invalid(failure.Problems))
            );

    /// <summary>
    /// Rolls a change back, from any point before its contract stage, or while what it dropped is kept.
    /// </summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="actor">Who acts, and why, for the ledger's events. Default: that of the options.</param>
    /// <param name="events">Gets each event, in order, one at a time. The run waits for it.</param>
    /// <param name="cancel">Interrupts; rolling it back again resumes.</param>
    public Task<RunOutcome> RollbackAsync(
        string change,
        Actor? actor = null,
        IProgress<RunEvent>? events = null,
        CancellationToken cancel = default
    ) => Runner(actor, events).RollbackAsync(change, cancel);

    /// <summary>Permanently drops the tables and columns that a completed change keeps.</summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="now">True: also before its time is over. Default false.</param>
    /// <param name="actor">Who acts, and why, for the ledger's events. Default: that of the options.</param>
    /// <param name="events">Gets each event, in order, one at a time. The run waits for it.</param>
    /// <param name="cancel">Interrupts; purging again resumes.</param>
    public Task<RunOutcome> PurgeAsync(
        string change,
        bool now = false,
        Actor? actor = null,
        IProgress<RunEvent>? events = null,
        CancellationToken cancel = default
    ) => Runner(actor, events).PurgeAsync(change, now, cancel);

    /// <summary>
    /// Asks the runner of a change, wherever it is, to pause at its next batch. An event of the ledger says who asked.
    /// </summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="actor">Who asks, and why. Default: that of the options.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>
    /// Where the change stands; <see cref="FailureKind.BadInput"/> where it was not begun here, or has ended.
    /// </returns>
    public Task<Result<Standing>> PauseAsync(string change, Actor? actor = null, CancellationToken cancel = default) =>
        RequestPauseAsync(change, pause: true, actor, cancel);

    /// <summary>Resumes a paused change.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public Task<Result<Standing>> ResumeAsync(string change, Actor? actor = null, CancellationToken cancel = default) =>
        RequestPauseAsync(change, pause: false, actor, cancel);

    /// <summary>
    /// The state of all changes, in the order of their names: those begun here, and those with only a file.
    /// </summary>
    public Task<IReadOnlyList<Standing>> StatusAsync(CancellationToken cancel = default) =>
        new Standings(_ledger, _cache).AllAsync(FilesIfAny(), cancel);

    /// <summary>The state of one change, without its steps and events; pending where it was never begun here.</summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="cancel">Ends the reading.</param>
    public Task<Standing> StatusAsync(string change, CancellationToken cancel = default) =>
        new Standings(_ledger, _cache).OneAsync(change, cancel);

    /// <summary>The state of all changes, repeatedly, until it is cancelled or no longer enumerated.</summary>
    /// <param name="every">The pause between two readings. 10 ms to 24 h, default 1 s.</param>
    /// <param name="cancel">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public async IAsyncEnumerable<IReadOnlyList<Standing>> WatchAsync(
        TimeSpan? every = null,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        TimeSpan pause = WatchBounds.Check(every ?? TimeSpan.FromSeconds(1), nameof(every));
        while (true)
        {
            yield return await StatusAsync(cancel);
            await Task.Delay(pause, _options.Time, cancel);
        }
    }

    /// <summary>
    /// The state of one change, with its steps and its last 20 events; pending where it was never begun.
    /// </summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<Standing> DetailsAsync(string change, CancellationToken cancel = default)
    {
        IReadOnlyList<Standing> all = await StatusAsync(cancel);
        Standing one = all.FirstOrDefault(standing => standing.Name == change) ?? Standing.Pending(change);
        return await ChangeDetails.AddAsync(one, _ledger, cancel);
    }

    /// <summary>What happened, oldest first.</summary>
    /// <param name="change">A change's whole name; null for the events of all changes.</param>
    /// <param name="limit">At most so many events. 1 to 10,000, default 100.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<IReadOnlyList<LedgerEvent>> HistoryAsync(
        string? change,
        int limit = 100,
        CancellationToken cancel = default
    ) =>
        await _ledger.ExistsAsync(cancel)
            ? await _ledger.EventsAsync(change, HistoryBounds.Check(limit, nameof(limit)), cancel)
            : [];

    /// <summary>
    /// The ledger's events, oldest first, and then each one as it comes, until it is cancelled or no longer enumerated.
    /// None is missed and none comes twice. Before there is a ledger, it waits for one.
    /// </summary>
    /// <param name="afterId">The id of the last event that is known. Default 0: from the first one on.</param>
    /// <param name="change">A change's whole name. Default null: the events of all changes.</param>
    /// <param name="every">The pause between two readings. 10 ms to 24 h, default 1 s.</param>
    /// <param name="cancel">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    public IAsyncEnumerable<LedgerEvent> FollowAsync(
        long afterId = 0,
        string? change = null,
        TimeSpan? every = null,
        CancellationToken cancel = default
    ) =>
        new LedgerEvents(_ledger).FollowAsync(
            change,
            afterId,
            WatchBounds.Check(every ?? TimeSpan.FromSeconds(1), nameof(every)),
            _options.Time,
            cancel
        );

    /// <summary>Checks that no event of the ledger was altered, removed or inserted manually.</summary>
    public Task<HistoryCheck> VerifyHistoryAsync(CancellationToken cancel = default) =>
        new LedgerEvents(_ledger).CheckAsync(cancel);

    /// <summary>Everything that the ledger has of one change, for a report; also while it runs.</summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The history; <see cref="FailureKind.BadInput"/> where it was never begun here.</returns>
    public async Task<Result<ChangeHistory>> ReportAsync(string change, CancellationToken cancel = default)
    {
        ChangeRecord? record = await _ledger.ExistsAsync(cancel) ? await _ledger.FindAsync(change, cancel) : null;
        return record is null
            ? Failure.BadInput(change, "it was not started on this database.", "There is nothing to report yet.")
            : new ChangeHistory
            {
                At = _options.Time.GetUtcNow(),
                Record = record,
                Plan = (await StoredPlan.ReadAsync(_ledger, change, record.PlanHash, cancel)).Plan,
                Steps = await _ledger.StepsAsync(change, cancel),
                Fills = await _ledger.BackfillsAsync(change, cancel),
                Events = await new LedgerEvents(_ledger).AfterAsync(change, afterId: 0, cancel).ToListAsync(cancel),
            };
    }

    /// <summary>What dropped tables and columns are kept, and until when.</summary>
    public async Task<IReadOnlyList<RetainedRecord>> KeptAsync(CancellationToken cancel = default) =>
        await _ledger.ExistsAsync(cancel) ? await _ledger.RetainedAsync(cancel) : [];

    /// <summary>Finds a change by its file, or in the ledger where its file is gone.</summary>
    /// <param name="change">A name, the beginning of one, or a file.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The change; <see cref="FailureKind.BadInput"/> where none is meant, or its file is invalid.</returns>
    public async Task<Result<FoundChange>> FindAsync(string change, CancellationToken cancel = default) =>
        new ChangeChoice(Project.Changes, await RecordsAsync(cancel)).Find(change);

    /// <summary>The whole name of a change that has a file or was begun here.</summary>
    /// <param name="change">A name, the beginning of one, or a file.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>The name; <see cref="FailureKind.BadInput"/> where none or several are meant.</returns>
    public async Task<Result<string>> ResolveAsync(string change, CancellationToken cancel = default) =>
        ChangeNames.Resolve(change, Project.Changes, await RecordsAsync(cancel));

    /// <summary>The plan that a change was begun with, also where its file is gone.</summary>
    /// <param name="change">Its whole name.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>
    /// The plan; <see cref="FailureKind.BadInput"/> where the change was never begun here,
    /// <see cref="FailureKind.Refused"/> where somebody altered the stored plan.
    /// </returns>
    public async Task<Result<Plan>> BegunPlanAsync(string change, CancellationToken cancel = default)
    {
        ChangeRecord? record = await _ledger.ExistsAsync(cancel) ? await _ledger.FindAsync(change, cancel) : null;
        return record is null
            ? Failure.BadInput(change, "it was not started on this database.", "Plan it from its file.")
            : await ChangePlanner.BegunAsync(_ledger, record, cancel);
    }

    /// <summary>Creates the ledger, or what is missing of it. What is there stays.</summary>
    public Task InitAsync(CancellationToken cancel = default) => _ledger.EnsureAsync(cancel);

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    // Nothing where there is no ledger.
    private async Task<IReadOnlyList<ChangeRecord>> RecordsAsync(CancellationToken cancel) =>
        await _ledger.ExistsAsync(cancel) ? await _ledger.ListAsync(cancel) : [];

    private async Task<Result<Standing>> RequestPauseAsync(
        string change,
        bool pause,
        Actor? actor,
        CancellationToken cancel
    )
    {
        ChangeRecord? record = await _ledger.ExistsAsync(cancel) ? await _ledger.FindAsync(change, cancel) : null;
        if (record is null or { Status: ChangeStatus.Completed or ChangeStatus.RolledBack })
        {
            string standing = record is null
                ? "it was not started on this database"
                : $"it is {Text.SnakeCase(record.Status)}";
            return Failure.BadInput(change, $"{standing}: there is nothing to {(pause ? "pause" : "resume")}.", "");
        }

        string who = Actor.Words(actor ?? _options.Actor, _options.Runner);
        await _ledger.RequestPauseAsync(change, pause, $"by {who}", cancel);
        return await StatusAsync(change, cancel);
    }

    private Runner Runner(Actor? actor, IProgress<RunEvent>? events) =>
        new(
            Engine,
            Project.Settings.Run.ToOptions(_options.Runner) with
            {
                Actor = actor ?? _options.Actor,
                LeaseTime = _options.LeaseTime,
            },
            happened => events?.Report(happened),
            _options.Time
        );

    private Task<ChangeOrigin> OriginAsync(PlannedChange shown, CancellationToken cancel) =>
        Project.Changes.Find(shown.Change.Name) is ChangeLookup.Found found
            ? GitOrigin.OfAsync(shown.Change, found.File.Path, _options.Time, cancel)
            : Task.FromResult(new ChangeOrigin(shown.Change.Description, null, null));

    // The ledger can be read from anywhere: without a directory, files are not reported.
    private IReadOnlyList<ChangeFile>? FilesIfAny() =>
        Project.List().Match<IReadOnlyList<ChangeFile>?>(found => found, _ => null);
}
