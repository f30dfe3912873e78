namespace Segue.Verification;

/// <summary>The evidence a verify step stores: one finding per check.</summary>
public sealed record Verdict(IReadOnlyList<Finding> Findings)
{
    public bool Holds => Findings.All(finding => finding.Mismatches == 0);

    public long Compared => Findings.Sum(finding => finding.Compared);
}

/// <param name="Claim">What was checked.</param>
/// <param name="Samples">Keys of rows for which it does not hold, at most ten.</param>
public sealed record Finding(string Claim, string Relation, long Compared, long Mismatches, IReadOnlyList<string> Samples, string Remedy)
{
    public override string ToString() => Mismatches == 0
        ? $"{Claim}: {Plain.Count(Compared)} rows compared, all right"
        : $"{Claim}: {Plain.Count(Mismatches)} of {Plain.Count(Compared)} rows of {Relation} do not hold, e.g. {string.Join(", ", Samples)}. {Remedy}";
}
