using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning;

/// <summary>What no tool can prevent, and what was found on this target.</summary>
internal static class Hazards
{
    public static async Task<IReadOnlyList<Hazard>> OfAsync(NpgsqlConnection connection, Table table, IReadOnlyList<NewColumn> columns, bool fillsInBatches, CancellationToken cancel)
    {
        List<Hazard> hazards =
        [
            new("star-statements", await StarStatementsAsync(connection, table, cancel)),
        ];
        string[] fired = [.. table.Triggers.Where(trigger => trigger.IsRow && trigger.OnUpdate).Select(trigger => trigger.Name)];
        if (columns.Any(column => column.Fill is not null))
        {
            if (fired.Length > 0)
            {
                hazards.Add(new Hazard("user-triggers-fire", $"The backfill updates rows, so these triggers of {table.Name} fire for each row filled: {string.Join(", ", fired)}. Check that they may, e.g. that no mail is sent and no updated_at matters."));
            }

            if (fillsInBatches)
            {
                hazards.Add(new Hazard("bloat", $"Filling grows {table.Name} ({Plain.Bytes(table.TotalSize.Bytes)}) by about an eighth and leaves dead row versions, which the next autovacuum clears. Where autovacuum is off for the table, or seldom comes, `VACUUM {table.Sql}` afterwards."));
            }

            hazards.Add(new Hazard("serializable-apps", $"An app transaction in REPEATABLE READ or SERIALIZABLE that updates a row of {table.Name} which was filled after its snapshot gets 40001, as with any concurrent update; it must retry, as it must today."));
        }

        if (table.Publications.Count > 0)
        {
            hazards.Add(new Hazard("published", $"{table.Name} is published ({string.Join(", ", table.Publications)}): a subscriber without the new column stops replicating. Add the column there first.{(fillsInBatches ? " Every filled row is replicated." : "")}"));
        }

        IReadOnlyList<string> functions = await connection.QueryAsync(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_class c ON c.reltype = p.prorettype WHERE c.oid = $1::oid LIMIT 10", row => row.GetString(0), cancel, (long)table.Oid);
        if (functions.Count > 0)
        {
            hazards.Add(new Hazard("functions-returning-row", $"These functions return a row of {table.Name} and gain a column: {string.Join(", ", functions)}. One that lists its columns must be recreated with the new one."));
        }

        return hazards;
    }

    private static async Task<string> StarStatementsAsync(NpgsqlConnection connection, Table table, CancellationToken cancel)
    {
        const string General =
            "Statements whose shape is * break on any new column: a prepared SELECT * or RETURNING *, COPY or INSERT ... SELECT * without a column list. Name the columns, or let the app's pool reconnect after expand.";

        // The library's own setting tells that it is loaded; shared_preload_libraries may not be read by an ordinary role.
        bool canLook = await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements') AND EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max')", cancel);
        if (!canLook)
        {
            return $"{General} pg_stat_statements is not installed, so Segue cannot say which do.";
        }

        IReadOnlyList<string> found = await connection.QueryAsync(
            $"""
            SELECT left(regexp_replace(query, '\s+', ' ', 'g'), 120) FROM {await connection.ScalarAsync<string>(
                "SELECT format('%I.pg_stat_statements', n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'pg_stat_statements'", cancel)}
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND position(lower($1) IN lower(query)) > 0
              AND (query ~* '(select|returning)\s+([a-z_0-9"]+\.)?\*' OR query ~* ('copy\s+([a-z_0-9"]+\.)?"?' || $2 || '"?\s+(from|to)'))
            ORDER BY calls DESC LIMIT 5
            """,
            row => row.GetString(0), cancel, table.Name, System.Text.RegularExpressions.Regex.Escape(table.Name));
        return found.Count == 0
            ? $"{General} None was found in pg_stat_statements."
            : $"{General} Found in pg_stat_statements: {string.Join(" | ", found)}";
    }
}
