using System.Text.Json;
using Segue.Planning;

namespace Segue.Ledger;

/// <summary>Another change of the same database, with the plan it was begun with.</summary>
/// <param name="Plan">Null where this Segue cannot read it.</param>
internal sealed record OtherChange(string Name, ChangeStatus Status, Plan? Plan)
{
    /// <summary>In the order of their names.</summary>
    public static async Task<IReadOnlyList<OtherChange>> ReadAsync(
        ILedgerReader ledger,
        string change,
        CancellationToken cancel
    ) =>
        [
            .. (await ledger.OtherPlansAsync(change, cancel))
                .Select(record => new OtherChange(record.Change, record.Status, Read(record.Json)))
                .OrderBy(other => other.Name, StringComparer.Ordinal),
        ];

    public bool IsInProgress => Status is not (ChangeStatus.Completed or ChangeStatus.RolledBack);

    /// <summary>A plan that cannot be read may claim anything.</summary>
    public bool MayUse(string relation) => Plan is null || Plan.Relations().Contains(relation);

    /// <summary>By its own plan.</summary>
    public bool Alters(string fingerprintLine) =>
        Plan?.ExpectedDrift.Any(prefix => fingerprintLine.StartsWith(prefix, StringComparison.Ordinal)) == true;

    private static Plan? Read(string json)
    {
        try
        {
            return PlanJson.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
