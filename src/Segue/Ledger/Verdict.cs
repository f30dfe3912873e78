using System.Text.Json.Serialization;

namespace Segue.Ledger;

/// <summary>The evidence a verify step stores: one finding per check.</summary>
public sealed record Verdict(IReadOnlyList<Finding> Findings)
{
    /// <summary>No row contradicts.</summary>
    public bool Holds => Findings.All(finding => finding.Mismatches == 0);

    /// <summary>
    /// Few rows are left after a repair, and none of them was in the verdict before. So they appeared later, and the
    /// repair did not fail on them. Without a key this cannot be decided.
    /// </summary>
    public bool HasOnlyFewOthersThan(Verdict before)
    {
        HashSet<string> named = [.. before.Findings.SelectMany(finding => finding.Samples)];
        return Findings.All(finding =>
            finding.Mismatches <= Math.Max(FewRows, finding.Compared / FewOf)
            && !finding.NamesByPlace
            && !finding.Samples.Any(named.Contains)
        );
    }

    private const int FewRows = 10;
    private const int FewOf = 100;

    /// <summary>How many rows were compared.</summary>
    public long Compared => Findings.Sum(finding => finding.Compared);
}

/// <param name="Claim">The checked statement.</param>
/// <param name="Samples">Keys of rows that fail it, at most ten.</param>
public sealed record Finding(
    string Claim,
    string Relation,
    long Compared,
    long Mismatches,
    IReadOnlyList<string> Samples,
    string Remedy
)
{
    /// <summary>Rows for which the check raises an error. They count as mismatches.</summary>
    public FailedRows Failed { get; init; } = FailedRows.None;

    /// <summary>
    /// Rows without a key are among the samples, named by the place where they are stored: another one once they are
    /// written.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NamesByPlace { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Mismatches == 0
            ? $"{Claim}: {Plain.Count(Compared)} rows compared, all right"
            : $"{Claim}: {Plain.Count(Mismatches)} of {Plain.Count(Compared)} rows of {Relation} violate "
                + $"this, e.g. {string.Join(", ", Samples)}. {Errors}{Remedy}";

    private string Errors =>
        Failed.Count == 0
            ? ""
            : $"{(Failed.Count == Mismatches ? "They raise" : $"{Plain.Count(Failed.Count)} of them raise")} "
                + $"an error: {Failed}. ";
}
