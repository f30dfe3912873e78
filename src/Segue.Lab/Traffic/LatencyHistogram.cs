using System.Numerics;

namespace Segue.Lab.Traffic;

/// <summary>
/// Counts latencies in buckets whose width is 1/32 of their value or less, so that a quantile is right to 1.6 %.
/// Buckets come in pages that exist only when used: the latencies of a quarter second fit in about 1 kB.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PageBits = 5;
    private const int PageSize = 1 << PageBits;

    // Twelve days in microseconds: no request takes longer.
    private const long Longest = 1L << 40;

    private readonly uint[]?[] _pages = new uint[]?[(Bucket(Longest) / PageSize) + 1];

    public long Count { get; private set; }

    public TimeSpan Max { get; private set; }

    public void Add(TimeSpan latency)
    {
        int bucket = Bucket(Math.Clamp((long)latency.TotalMicroseconds, 0, Longest));
        Page(bucket / PageSize)[bucket % PageSize]++;
        Count++;
        if (latency > Max)
            Max = latency;
    }

    public void Add(LatencyHistogram other)
    {
        for (int number = 0; number < _pages.Length; number++)
        {
            if (other._pages[number] is not { } page)
                continue;
            uint[] mine = Page(number);
            for (int i = 0; i < PageSize; i++)
                mine[i] += page[i];
        }

        Count += other.Count;
        if (other.Max > Max)
            Max = other.Max;
    }

    /// <summary>The latency that a share of the requests did not exceed; zero when there were none.</summary>
    public TimeSpan Quantile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int bucket = 0; bucket < _pages.Length * PageSize; bucket++)
        {
            seen += _pages[bucket / PageSize]?[bucket % PageSize] ?? 0;
            if (seen >= rank)
                return Least(Middle(bucket), Max);
        }

        return Max;
    }

    private uint[] Page(int number) => _pages[number] ??= new uint[PageSize];

    // Up to 63 a bucket for each microsecond; from there 32 buckets for each doubling.
    private static int Bucket(long microseconds)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)microseconds) - PageBits);
        return (shift << PageBits) + (int)(microseconds >> shift);
    }

    private static TimeSpan Middle(int bucket)
    {
        int shift = Math.Max(0, (bucket >> PageBits) - 1);
        long lowest = (long)(bucket - (shift << PageBits)) << shift;
        return TimeSpan.FromMicroseconds(lowest + ((1L << shift) / 2));
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
