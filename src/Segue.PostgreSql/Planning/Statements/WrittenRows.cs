using System.Text.Json;
using Npgsql;
using Segue.Engines;
using Segue.Planning;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>
/// How many rows a statement updates or deletes, as the server's planner estimates it on the tables themselves. The
/// statement is not run.
/// </summary>
internal sealed class WrittenRows(NpgsqlConnection connection)
{
    public async Task<IReadOnlyList<RowsWritten>> OfAsync(StatementText text, CancellationToken cancel)
    {
        await using NpgsqlTransaction planning = await connection.BeginTransactionAsync(cancel);
        try
        {
            // It takes the lock that every writer takes.
            string? plan = await connection.ScalarAsync<string>($"EXPLAIN (FORMAT JSON, VERBOSE) {text.Text}", cancel);
            using JsonDocument document = JsonDocument.Parse(plan ?? "[]");
            List<(string Relation, string Does, double Rows)> written = [];
            foreach (JsonElement each in document.RootElement.EnumerateArray())
            {
                Walk(each.GetProperty("Plan"), written);
            }

            List<RowsWritten> rows = [];
            foreach ((string relation, string does, double count) in written)
            {
                (double bytes, double all) = (await connection.QueryAsync(
                    SizeQuery, row => (row.GetDouble(0), row.GetDouble(1)), cancel, relation))[0];
                rows.Add(new RowsWritten(relation, does, Estimates.Write((long)count, all > 0 ? bytes / all : 100, isDelete: does == "deletes")));
            }

            return rows;
        }
        catch (PostgresException)
        {
            // What is wrong with it, or who is in its way, is told when it is measured.
            return [];
        }
    }

    private static void Walk(JsonElement node, List<(string Relation, string Does, double Rows)> written)
    {
        JsonElement[] below = node.TryGetProperty("Plans", out JsonElement plans) ? [.. plans.EnumerateArray()] : [];
        if (node.GetProperty("Node Type").GetString() == "ModifyTable"
            && node.TryGetProperty("Operation", out JsonElement operation)
            && Words.TryGetValue(operation.GetString() ?? "", out string? does))
        {
            double rows = below.Where(plan => plan.GetProperty("Parent Relationship").GetString() is "Outer" or "Member").Sum(plan => plan.GetProperty("Plan Rows").GetDouble());
            written.Add((Sql.Name(node.GetProperty("Schema").GetString()!, node.GetProperty("Relation Name").GetString()!), does, rows));
        }

        foreach (JsonElement plan in below)
        {
            Walk(plan, written);
        }
    }

    // A table that is no part of a partitioned one is not in its own partition tree.
    private const string SizeQuery =
        """
        SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::float8, coalesce(sum(greatest(c.reltuples, 0)), 0)::float8 FROM pg_class c
        WHERE c.relkind = 'r' AND c.oid IN (SELECT $1::regclass UNION SELECT relid FROM pg_partition_tree($1::regclass))
        """;

    private static readonly Dictionary<string, string> Words = new() { ["Update"] = "updates", ["Delete"] = "deletes", ["Merge"] = "merges" };
}
