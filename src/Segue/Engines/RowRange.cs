namespace Segue.Engines;

/// <summary>
/// Some of a table's rows, as its engine divides them: blocks, or keys. The core asks how large a range is and hands
/// it on; only the engine knows what lies between its ends.
/// </summary>
public abstract record RowRange
{
    /// <summary>
    /// How large it is, in whatever the engine counts (blocks, rows); an estimate where it cannot know. Zero only where
    /// nothing is left, one where it cannot be divided any more.
    /// </summary>
    public abstract long Units { get; }

    /// <summary>For messages, e.g. <c>block 17</c>.</summary>
    public abstract string Words { get; }

    /// <summary>It holds no unit.</summary>
    public bool IsEmpty => Units == 0;

    /// <summary>It cannot be divided.</summary>
    public bool IsSmallest => Units == 1;

    /// <summary>What follows <paramref name="head"/>, which was taken from the beginning of this range.</summary>
    public abstract RowRange After(RowRange head);
}
