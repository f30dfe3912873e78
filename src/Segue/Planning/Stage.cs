namespace Segue.Planning;

/// <summary>One stage of a plan. A stage without steps does not exist in a plan.</summary>
public sealed record Stage(StageName Name, IReadOnlyList<Step> Steps);

/// <summary>The stages, in the order they run.</summary>
public enum StageName
{
    /// <summary>The new shape is created beside the old one.</summary>
    Expand,

    /// <summary>Existing rows are filled in small batches.</summary>
    Backfill,

    /// <summary>Every row is compared; a verdict with evidence is stored.</summary>
    Verify,

    /// <summary>Constraints and indexes are added, each without blocking.</summary>
    Enforce,

    /// <summary>The gate: the app starts to use the new shape.</summary>
    Switch,

    /// <summary>Objects that only old code needed are dropped.</summary>
    Contract,
}
