using System.Data.Common;

namespace Segue.Ledger;

/// <summary>Part of the ledger is missing.</summary>
public sealed class LedgerDamagedException(string message) : DbException(message);
