using Segue.Ledger;

namespace Segue.Projects;

/// <summary>The ledger's whole chain of events, checked.</summary>
/// <param name="Events">How many events there are.</param>
/// <param name="FirstBroken">
/// The first event that was altered or inserted, or that follows a removed one; null where the chain is whole.
/// </param>
/// <param name="LastHash">
/// The hash of the latest event; empty where there is none. Only a copy of it that is kept elsewhere can show that the
/// latest events are missing.
/// </param>
public sealed record HistoryCheck(long Events, LedgerEvent? FirstBroken, string LastHash);
