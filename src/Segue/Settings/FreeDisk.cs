namespace Segue.Settings;

/// <summary>
/// A minimum of free disk: a share, a size, or both (then both must be free). At least one is set.
/// </summary>
/// <param name="Percent">1 to 99, of the whole disk; null for no share.</param>
/// <param name="Bytes">1 or more; null for no size.</param>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
public sealed record FreeDisk(int? Percent, long? Bytes)
{
    private static readonly Bounds<int> PercentBounds = new(1, 99);
    private static readonly Bounds<long> BytesBounds = new(1, long.MaxValue);

    /// <summary>1 to 99, of the whole disk; null for no share.</summary>
    public int? Percent
    {
        get;
        init => field = value is { } share ? PercentBounds.Check(share) : null;
    } = Percent is { } given ? PercentBounds.Check(given, nameof(Percent)) : null;

    /// <summary>1 or more; null for no size.</summary>
    public long? Bytes
    {
        get;
        init => field = value is { } size ? BytesBounds.Check(size) : null;
    } = Bytes is { } given ? BytesBounds.Check(given, nameof(Bytes)) : null;
}
