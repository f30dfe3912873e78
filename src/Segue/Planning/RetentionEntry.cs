namespace Segue.Planning;

/// <summary>How a step changes the ledger's record of a kept object. The change commits with the step.</summary>
/// <param name="Kept">The object, as the step that drops it says.</param>
public sealed record RetentionEntry(Retention Kept, RetentionState State)
{
    /// <summary>Null where the step drops, restores and purges nothing that is kept.</summary>
    /// <param name="recordedWith">The step of the plan with the record: an undo or a purge belongs to one.</param>
    public static RetentionEntry? Of(Plan plan, Step step, string recordedWith)
    {
        Step? planned = plan.Steps().FirstOrDefault(each => each.Id == recordedWith);
        return planned?.Retains is not { } kept ? null
            : step.Id == planned.Id ? new RetentionEntry(kept, RetentionState.Kept)
            : step.Id == kept.Purge.Id ? new RetentionEntry(kept, RetentionState.Purged)
            : step.Id == planned.Undo[^1].Id ? new RetentionEntry(kept, RetentionState.Restored)
            : null;
    }
}

/// <summary>Where an object is that a change dropped.</summary>
public enum RetentionState
{
    /// <summary>Set aside; its time begins.</summary>
    Kept,

    /// <summary>Back in its place: there is no record of it any more.</summary>
    Restored,

    /// <summary>Dropped permanently.</summary>
    Purged,
}
