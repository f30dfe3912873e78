namespace Segue.Engines;

/// <summary>Something that running code meets after a statement.</summary>
/// <param name="What">In words, e.g. <c>it drops the column public.orders.amount</c>.</param>
public sealed record Breakage(BreakageKind Kind, string What);

public enum BreakageKind
{
    /// <summary>A name, or a right to it, that running code may use is gone.</summary>
    TakesName,

    /// <summary>Inserts and updates that were taken are refused.</summary>
    Narrows,

    /// <summary>Rows or values are gone, and nothing brings them back.</summary>
    LosesData,

    /// <summary>Running code meets another behaviour: a trigger, a setting, a view's rows, a lock that waits.</summary>
    Changes,
}
