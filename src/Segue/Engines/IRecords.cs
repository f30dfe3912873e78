using Segue.Ledger;

namespace Segue.Engines;

/// <summary>The records in the target database, and the right to write them.</summary>
public interface IRecords
{
    ILedger Ledger { get; }

    ILeases Leases { get; }
}
