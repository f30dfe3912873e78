namespace Segue.Planning;

/// <summary>What must be true before a gate opens, and who opens it.</summary>
public sealed record GatePolicy
{
    /// <summary>All of them must hold. At least one.</summary>
    public required IReadOnlyList<GateCondition> Conditions { get; init; }

    /// <summary>How many people must say that they hold. Default 1: whoever completes the change.</summary>
    public int Approvals { get; init; } = 1;

    /// <summary>Roles that may say so. Default none: whoever may complete a change.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>How long no old code may have been seen before. Seconds; default 0.</summary>
    public long QuietSeconds { get; init; }

    /// <summary>One policy for several gates: all conditions, and the stricter of the rest.</summary>
    public static GatePolicy Of(IReadOnlyList<GatePolicy> all) =>
        new()
        {
            Conditions = [.. all.SelectMany(each => each.Conditions).Distinct()],
            Approvals = all.Max(each => each.Approvals),
            Roles = [.. all.SelectMany(each => each.Roles).Distinct()],
            QuietSeconds = all.Max(each => each.QuietSeconds),
        };
}

/// <summary>One thing that must be true before a gate opens.</summary>
/// <param name="Evidence">What it is about, for a program.</param>
/// <param name="Says">The same for a person, as <c>waits for ...</c> goes on.</param>
public sealed record GateCondition(GateEvidence Evidence, string Says)
{
    /// <summary>The relation it is about; null where it is about none.</summary>
    public string? Relation { get; init; }
}

/// <summary>What shows that a gate may open.</summary>
public enum GateEvidence
{
    /// <summary>Every running version of the application writes or understands the new shape.</summary>
    NewCodeOnly,

    /// <summary>No running version of the application uses what goes away.</summary>
    NotUsed,

    /// <summary>Nobody needs rows that will be deleted.</summary>
    RowsNotNeeded,

    /// <summary>What the change's author wrote: a person decides.</summary>
    AuthorsCondition,
}
