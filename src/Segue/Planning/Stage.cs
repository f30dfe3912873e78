namespace Segue.Planning;

/// <summary>One stretch of the road. A stage without steps does not exist in a plan.</summary>
public sealed record Stage(StageName Name, IReadOnlyList<Step> Steps);

/// <summary>The stages, in the order they run.</summary>
public enum StageName
{
    /// <summary>The new shape appears beside the old one.</summary>
    Expand,

    /// <summary>Existing rows are filled in small batches.</summary>
    Backfill,

    /// <summary>Every row is compared; a verdict with evidence is stored.</summary>
    Verify,

    /// <summary>Constraints and indexes, each without blocking.</summary>
    Enforce,

    /// <summary>The gate: the app starts to use the new shape.</summary>
    Switch,

    /// <summary>What only served the old shape goes.</summary>
    Contract,
}
