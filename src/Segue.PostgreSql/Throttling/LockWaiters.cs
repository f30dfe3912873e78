using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.Settings;

namespace Segue.PostgreSql.Throttling;

/// <summary>Sessions that wait for a lock on a filled table: the first sign of harm.</summary>
internal sealed class LockWaiters(Database database, IReadOnlyList<string> relations, ThrottleSettings settings)
    : ISignal
{
    public string Name => "lock waiters";

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        long waiting = await database.ScalarAsync<long>(
            """
            SELECT count(DISTINCT l.pid) FROM pg_locks l WHERE NOT l.granted AND l.locktype IN ('relation', 'tuple')
              AND l.relation = ANY (ARRAY(SELECT to_regclass(relation)::oid FROM unnest($1) AS relation))
            """,
            cancel,
            (object)relations.ToArray()
        );
        return waiting >= settings.LockWaiters
            ? Reading.Stop($"{waiting} sessions wait for a lock on {string.Join(", ", relations.Take(3))}.")
            : Reading.Go;
    }
}
