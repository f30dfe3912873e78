using System.Data.Common;

namespace Segue.Ledger;

/// <summary>Somebody took away what the ledger must hold.</summary>
public sealed class LedgerDamagedException(string message) : DbException(message);
