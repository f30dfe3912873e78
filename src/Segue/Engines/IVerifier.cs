using Segue.Planning;

namespace Segue.Engines;

/// <summary>Checks every row, in short read-only transactions.</summary>
public interface IVerifier
{
    /// <summary>The number of rows of a range, and for each check the number of rows that fail it.</summary>
    Task<RangeCounts> CountAsync(Plan plan, VerifyScan scan, RowRange range, CancellationToken cancel);

    /// <summary>One check, with keys of failing rows of a range.</summary>
    Task<Tally> CompareAsync(Plan plan, VerifyCheck check, RowRange range, CancellationToken cancel);

    /// <summary>A check that needs the whole table at once, in one statement.</summary>
    /// <param name="rest">Rest for each second of work, in seconds; 0 for none.</param>
    Task<Tally> CompareWholeAsync(Plan plan, VerifyCheck check, double rest, CancellationToken cancel);
}

/// <summary>Counts of a scan.</summary>
/// <param name="Mismatches">Rows for which the check raises an error are among them.</param>
/// <param name="Samples">Keys of mismatching rows, at most ten.</param>
public sealed record Tally(long Compared, long Mismatches, IReadOnlyList<string> Samples)
{
    /// <summary>Rows for which the check raises an error.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;

    /// <inheritdoc cref="Ledger.Finding.NamesByPlace"/>
    public bool NamesByPlace { get; init; }

    /// <summary>Nothing was compared.</summary>
    public static Tally Empty { get; } = new(0, 0, []);

    /// <summary>Both together.</summary>
    public Tally Plus(Tally other) =>
        new(Compared + other.Compared, Mismatches + other.Mismatches, [.. Samples.Concat(other.Samples).Take(10)])
        {
            Failed = Failed.Plus(other.Failed),
            NamesByPlace = NamesByPlace || other.NamesByPlace,
        };
}
