using System.Text.Json;
using Npgsql;
using Segue.Engines;
using Segue.Planning;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>How many rows a statement updates or deletes, as the server's planner estimates it on the tables themselves. The statement is not run.</summary>
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
                double bytes = await connection.ScalarAsync<double>(
                    "SELECT coalesce(sum(pg_relation_size(relid))::float8, 0) FROM pg_partition_tree($1::regclass) WHERE isleaf", cancel, relation);
                double all = await connection.ScalarAsync<double>(
                    "SELECT coalesce(sum(greatest(c.reltuples, 0))::float8, 0) FROM pg_partition_tree($1::regclass) JOIN pg_class c ON c.oid = relid WHERE isleaf", cancel, relation);
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
        if (node.GetProperty("Node Type").GetString() == "ModifyTable" && node.TryGetProperty("Operation", out JsonElement operation) && Words.TryGetValue(operation.GetString() ?? "", out string? does))
        {
            double rows = below.Where(plan => plan.GetProperty("Parent Relationship").GetString() is "Outer" or "Member").Sum(plan => plan.GetProperty("Plan Rows").GetDouble());
            written.Add((Sql.Name(node.GetProperty("Schema").GetString()!, node.GetProperty("Relation Name").GetString()!), does, rows));
        }

        foreach (JsonElement plan in below)
        {
            Walk(plan, written);
        }
    }

    private static readonly Dictionary<string, string> Words = new() { ["Update"] = "updates", ["Delete"] = "deletes", ["Merge"] = "merges" };
}
