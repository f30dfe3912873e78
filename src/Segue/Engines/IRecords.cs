using Segue.Ledger;

namespace Segue.Engines;

/// <summary>The records in the target database, and the right to write them.</summary>
public interface IRecords
{
    /// <summary>The memory.</summary>
    ILedger Ledger { get; }

    /// <summary>Who may write.</summary>
    ILeases Leases { get; }
}
