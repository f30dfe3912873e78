using Segue.Engines;
using Segue.Ledger;

namespace Segue.PostgreSql;

internal sealed record PostgresRecords(ILedger Ledger, ILeases Leases) : IRecords;
