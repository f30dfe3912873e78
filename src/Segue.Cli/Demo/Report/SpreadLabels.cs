namespace Segue.Cli.Demo.Report;

/// <summary>Places labels side by side near their objects.</summary>
internal static class SpreadLabels
{
    /// <param name="wanted">The best position of each label's middle, from left to right.</param>
    /// <param name="width">The width of each.</param>
    /// <param name="left">No label begins before this.</param>
    /// <param name="right">No label ends after this.</param>
    /// <returns>Their middles, in the same order, without overlap as long as there is room for all.</returns>
    public static double[] Over(IReadOnlyList<double> wanted, double width, double left, double right)
    {
        double[] places = [.. wanted];
        double least = left + (width / 2);
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = Math.Max(places[i], least);
            least = places[i] + width;
        }

        double most = right - (width / 2);
        for (int i = places.Length - 1; i >= 0; i--)
        {
            places[i] = Math.Min(places[i], most);
            most = places[i] - width;
        }

        return places;
    }
}
