using Segue.Planning;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// Rough durations from the table's size. The rates were measured on one modest core of a small server. They
/// distinguish minutes from days, and each estimate names its rate.
/// </summary>
internal static class Estimates
{
    private const double FilledRowsPerSecond = 80_000;
    private const double ScannedBytesPerSecond = 400e6;
    private const double RewrittenRowsPerSecond = 280_000;
    private const double UpdatedRowsPerSecond = 50_000;
    private const double DeletedRowsPerSecond = 200_000;
    private const double IndexedRowsPerSecond = 700_000;

    public static Estimate Metadata(Table table) => Of(table.TotalSize, 0.01, "catalog only, whatever the size");

    public static Estimate Scan(Table table) =>
        Of(table.TotalSize, table.TotalSize.All / ScannedBytesPerSecond, "400 MB/s");

    public static Estimate Rewrite(Table table) =>
        Of(
            table.TotalSize,
            Seconds(table, RewrittenRowsPerSecond),
            "280,000 rows/s, measured on a table with three indexes"
        );

    public static Estimate Build(Table table) =>
        Of(
            table.TotalSize,
            Seconds(table, IndexedRowsPerSecond),
            "700,000 rows/s; longer if it waits for old transactions"
        );

    public static Estimate Sample(Table table) =>
        Of(table.TotalSize, Math.Min(30_000, table.TotalSize.Rows) / 100_000, "up to 30,000 rows");

    public static Estimate Fill(Table table) =>
        Of(table.TotalSize, Seconds(table, FilledRowsPerSecond), "80,000 rows/s; longer when throttled");

    /// <summary>Rows that one statement writes, with the write-ahead log of a table with three indexes.</summary>
    public static Estimate Write(long rows, double width, bool isDelete)
    {
        double bytes = isDelete ? rows * (80 + width) : rows * (550 + (2 * width));
        double perSecond = isDelete ? DeletedRowsPerSecond : UpdatedRowsPerSecond;
        return new Estimate(
            rows,
            (long)bytes,
            Math.Round(rows / perSecond, 2),
            $"{perSecond:N0} rows/s, measured on a table with three indexes"
        );
    }

    /// <summary>Values stored out of line take time regardless of the number of rows.</summary>
    private static double Seconds(Table table, double rowsPerSecond) =>
        (table.TotalSize.Rows / rowsPerSecond) + (table.TotalSize.Toast / ScannedBytesPerSecond);

    private static Estimate Of(TableSize size, double seconds, string basis) =>
        new((long)size.Rows, size.All, Math.Round(seconds, 2), basis);
}
