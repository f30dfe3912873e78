namespace Segue.Engines;

/// <summary>How a statement breaks running code.</summary>
/// <param name="What">In words, e.g. <c>it drops the column public.orders.amount</c>.</param>
public sealed record Breakage(BreakageKind Kind, string What);

/// <summary>What breaks.</summary>
public enum BreakageKind
{
    /// <summary>A name that running code may use, or a privilege on it, is removed.</summary>
    TakesName,

    /// <summary>Inserts and updates that were accepted are rejected.</summary>
    Narrows,

    /// <summary>Rows or values are lost and cannot be restored.</summary>
    LosesData,

    /// <summary>
    /// Something that running code relies on behaves differently: a trigger, a setting, a view's rows, a lock.
    /// </summary>
    Changes,
}
