using Segue.Ledger;

namespace Segue.Engines;

/// <summary>What is remembered in the target database, and who may write it.</summary>
public interface IRecords
{
    ILedger Ledger { get; }

    ILeases Leases { get; }
}
