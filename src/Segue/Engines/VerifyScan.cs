using Segue.Planning;

namespace Segue.Engines;

/// <summary>Checks that are asked together, so that each row is read once.</summary>
/// <param name="Query">Over a range: rows compared, then mismatches, of several checks as an array.</param>
public sealed record VerifyScan(string Relation, string Query, IReadOnlyList<VerifyCheck> Checks)
{
    /// <summary>Without checks of whole tables. A plan of an older version runs each check separately.</summary>
    public static IEnumerable<VerifyScan> Of(VerifyStep step)
    {
        VerifyCheck[] checks = [.. step.Checks.Where(check => !check.WholeTable)];
        return step.Counts is { } counts && checks.Length > 0
            ? [new VerifyScan(checks[0].Relation, counts, checks)]
            : checks.Select(check => new VerifyScan(check.Relation, check.Query, [check]));
    }
}
