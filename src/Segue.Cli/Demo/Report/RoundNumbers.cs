namespace Segue.Cli.Demo.Report;

/// <summary>1, 2 and 5 times the powers of ten: the numbers of a scale.</summary>
internal static class RoundNumbers
{
    private static readonly double[] All =
    [
        .. from power in Enumerable.Range(-3, 10)
        from digit in (int[])[1, 2, 5]
        select Math.Round(digit * Math.Pow(10, power), 3),
    ];

    public static double Below(double value) => All.LastOrDefault(number => number <= value, All[0]);

    public static double Above(double value) => All.FirstOrDefault(number => number >= value, All[^1]);

    public static IEnumerable<double> Between(double low, double high) =>
        All.Where(number => number >= low && number <= high);
}
