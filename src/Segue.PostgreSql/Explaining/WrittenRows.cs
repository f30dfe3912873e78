using System.Text.Json;
using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Rows that a statement updates or deletes, as the server's planner estimates on the tables themselves. The statement
/// is not run.
/// </summary>
internal sealed class WrittenRows(NpgsqlConnection connection)
{
    /// <summary>The effect of a query on rows that it reads FOR UPDATE, FOR SHARE and so on.</summary>
    public const string Locks = "locks";

    public async Task<IReadOnlyList<RowsWritten>> OfAsync(StatementText text, CancellationToken cancel)
    {
        await using NpgsqlTransaction planning = await connection.BeginTransactionAsync(cancel);
        try
        {
            // It takes the lock that every writer takes.
            string? plan = await connection.ScalarAsync<string>($"EXPLAIN (FORMAT JSON, VERBOSE) {text.Text}", cancel);
            using JsonDocument document = JsonDocument.Parse(plan ?? "[]");
            List<(string Relation, string Does, double Rows)> written = [];
            double locked = 0;
            foreach (JsonElement each in document.RootElement.EnumerateArray())
            {
                Walk(each.GetProperty("Plan"), written);
                locked += Locked(each.GetProperty("Plan"), double.PositiveInfinity);
            }

            List<RowsWritten> rows =
                locked == 0
                    ? []
                    :
                    [
                        .. (await LockedAsync(cancel)).Select(relation => new RowsWritten(
                            relation,
                            Locks,
                            Estimates.Write((long)locked, 0, isDelete: true)
                        )),
                    ];
            foreach ((string relation, string does, double count) in written)
            {
                (double bytes, double all) = (
                    await connection.QueryAsync(
                        SizeQuery,
                        row => (row.GetDouble(0), row.GetDouble(1)),
                        cancel,
                        relation
                    )
                )[0];
                rows.Add(
                    new RowsWritten(
                        relation,
                        does,
                        Estimates.Write((long)count, all > 0 ? bytes / all : 100, isDelete: does == "deletes")
                    )
                );
            }

            return rows;
        }
        catch (PostgresException)
        {
            // Its errors, and sessions that block it, are reported when it is measured.
            return [];
        }
    }

    private static void Walk(JsonElement node, List<(string Relation, string Does, double Rows)> written)
    {
        JsonElement[] below = node.TryGetProperty("Plans", out JsonElement plans) ? [.. plans.EnumerateArray()] : [];
        if (
            node.GetProperty("Node Type").GetString() == "ModifyTable"
            && node.TryGetProperty("Operation", out JsonElement operation)
            && Words.TryGetValue(operation.GetString() ?? "", out string? does)
        )
        {
            double rows = below
                .Where(plan => plan.GetProperty("Parent Relationship").GetString() is "Outer" or "Member")
                .Sum(plan => plan.GetProperty("Plan Rows").GetDouble());
            written.Add(
                (
                    Sql.Name(node.GetProperty("Schema").GetString()!, node.GetProperty("Relation Name").GetString()!),
                    does,
                    rows
                )
            );
        }

        foreach (JsonElement plan in below)
        {
            Walk(plan, written);
        }
    }

    /// <param name="most">A higher LIMIT ends it there.</param>
    private static double Locked(JsonElement node, double most)
    {
        double rows = node.GetProperty("Plan Rows").GetDouble();
        string? type = node.GetProperty("Node Type").GetString();
        double own = type == "LockRows" ? Math.Min(rows, most) : 0;
        return own
            + (
                node.TryGetProperty("Plans", out JsonElement plans)
                    ? plans
                        .EnumerateArray()
                        .Sum(below => Locked(below, type == "Limit" ? rows : double.PositiveInfinity))
                    : 0
            );
    }

    /// <summary>The table of these rows; the root for partitions.</summary>
    private Task<IReadOnlyList<string>> LockedAsync(CancellationToken cancel) =>
        connection.QueryAsync(
            $"""
            WITH held AS (SELECT DISTINCT relation FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
                AND mode = 'RowShareLock')
            SELECT {Sql.Qualified("n.nspname", "c.relname")} FROM held
                JOIN pg_class c ON c.oid = held.relation JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM pg_inherits i
                JOIN held above ON above.relation = i.inhparent WHERE i.inhrelid = c.oid) ORDER BY 1
            """,
            row => row.GetString(0),
            cancel
        );

    // An ordinary table is not in its own partition tree.
    private const string SizeQuery = """
        SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::float8, coalesce(sum(greatest(c.reltuples, 0)), 0)::float8
            FROM pg_class c
        WHERE c.relkind = 'r' AND c.oid IN (SELECT $1::regclass UNION SELECT relid FROM pg_partition_tree($1::regclass))
        """;

    private static readonly Dictionary<string, string> Words = new()
    {
        ["Update"] = "updates",
        ["Delete"] = "deletes",
        ["Merge"] = "merges",
    };
}
