using Npgsql;
using Segue.Engines;
using Segue.Planning;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>Runs a statement about other things than tables as it is, within the planning transaction, and takes it back at once. It waits for nobody.</summary>
internal sealed class StatementTrial(NpgsqlConnection connection)
{
    /// <param name="before">What has run before it; null for nothing.</param>
    public async Task<Explanation> RunAsync(string? before, string statement, CancellationToken cancel)
    {
        await connection.ExecuteAsync("SAVEPOINT trial", cancel);
        try
        {
            await connection.ExecuteAsync("SELECT set_config('lock_timeout', '100ms', true), set_config('statement_timeout', '2s', true)", cancel);
            if (before is not null)
            {
                await connection.ExecuteAsync(before, cancel);
            }

            IReadOnlyList<RelationLock> held = await HeldAsync(cancel);
            await connection.ExecuteAsync(statement, cancel);
            RelationLock[] taken = [.. (await HeldAsync(cancel)).Except(held)];
            return new Explanation.Measured(new StatementEffect { Locks = taken, Work = [], Dependents = [], SafeRoad = null });
        }
        catch (PostgresException error)
        {
            return new Explanation.NotMeasured(new Problem("sql", $"the server does not take it: {Errors.Describe(error)}", "Correct the statement; what needs longer than 2 s even to be tried is none for this road."));
        }
        finally
        {
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT trial", cancel);
            await connection.ExecuteAsync("RELEASE SAVEPOINT trial", cancel);
        }
    }

    private async Task<IReadOnlyList<RelationLock>> HeldAsync(CancellationToken cancel) => [.. (await connection.QueryAsync(
        """
        SELECT format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')), upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g')))
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_backend_pid() AND l.granted AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relnamespace <> pg_my_temp_schema()
        """,
        row => Locks.On(row.GetString(0), row.GetString(1)), cancel)).GroupBy(held => held.Relation).Select(same => same.MaxBy(held => Locks.Strength(held.Mode))!)];
}
