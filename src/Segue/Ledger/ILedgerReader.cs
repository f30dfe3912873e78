namespace Segue.Ledger;

/// <summary>The reading half of the ledger, usable beside a runner that writes.</summary>
public interface ILedgerReader
{
    /// <summary>False when the database has no ledger yet.</summary>
    Task<bool> ExistsAsync(CancellationToken cancel);

    /// <summary>The change of that name; null where it was never begun.</summary>
    Task<ChangeRecord?> FindAsync(string change, CancellationToken cancel);

    /// <summary>All changes, in the order of their names.</summary>
    Task<IReadOnlyList<ChangeRecord>> ListAsync(CancellationToken cancel);

    /// <summary>The steps of a change, in order.</summary>
    Task<IReadOnlyList<StepRecord>> StepsAsync(string change, CancellationToken cancel);

    /// <summary>The fills of some changes, each with its tables in the order in which they began. One query.</summary>
    Task<ILookup<string, BackfillRecord>> BackfillsAsync(IReadOnlyList<string> changes, CancellationToken cancel);

    /// <summary>The latest events, oldest first.</summary>
    /// <param name="change">Null: those of all changes, and those of none.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Ends the reading.</param>
    Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, int limit, CancellationToken cancel);

    /// <summary>
    /// The events after another one, oldest first. An event becomes visible after all that have a lower id, so whoever
    /// asks again after the last id that was returned misses none.
    /// </summary>
    /// <param name="change">Null: those of all changes, and those of none.</param>
    /// <param name="afterId">The id of the last event that is known; 0 to begin with the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Ends the reading.</param>
    Task<IReadOnlyList<LedgerEvent>> EventsAsync(string? change, long afterId, int limit, CancellationToken cancel);

    /// <summary>The tables that completed changes keep and can restore, ordered by the end of their time.</summary>
    Task<IReadOnlyList<RetainedRecord>> RetainedAsync(CancellationToken cancel);

    /// <summary>
    /// What the triggers of all changes counted: writes of old code, the latest first, one entry for each application,
    /// role and table. A rolled back change that starts again starts at zero.
    /// </summary>
    Task<IReadOnlyList<OldWrites>> OldWritesAsync(CancellationToken cancel);

    /// <summary>The plan as stored when the change began, as JSON.</summary>
    Task<string> PlanAsync(string change, CancellationToken cancel);

    /// <summary>
    /// The plans of all other changes that are in progress, and of those that were completed after this one had begun;
    /// more are allowed, rolled back ones are not. None where there is no ledger, or where the role may not read it.
    /// </summary>
    Task<IReadOnlyList<PlanRecord>> OtherPlansAsync(string change, CancellationToken cancel);
}
