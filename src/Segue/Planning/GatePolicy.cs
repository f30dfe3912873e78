namespace Segue.Planning;

/// <summary>
/// What must be true before a gate opens. Whoever completes the change says that it is. Writes of old code that
/// triggers see are looked at as well, when it is completed.
/// </summary>
public sealed record GatePolicy
{
    /// <summary>All of them must hold. At least one.</summary>
    public required IReadOnlyList<GateCondition> Conditions { get; init; }

    /// <summary>One policy for several gates: all conditions.</summary>
    public static GatePolicy Of(IReadOnlyList<GatePolicy> all) =>
        new() { Conditions = [.. all.SelectMany(each => each.Conditions).DistinctBy(each => each.Says)] };
}
