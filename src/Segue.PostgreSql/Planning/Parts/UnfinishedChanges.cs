using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Other changes in progress on a table, according to their stored plans: they use it by its name.</summary>
internal static class UnfinishedChanges
{
    public static async Task<IReadOnlyList<string>> OnAsync(
        NpgsqlConnection connection,
        Table table,
        string change,
        CancellationToken cancel
    ) =>
        !await OtherPlans.AreReadableAsync(connection, cancel)
            ? []
            : await connection.QueryAsync(Query(table.AllRelations(), change), row => row.GetString(0), cancel);

    /// <summary>
    /// Changes that use the relation under its new name. They must end before this one is rolled back.
    /// </summary>
    /// <param name="relation">Qualified and quoted.</param>
    public static DependentChanges On(string relation, string change) =>
        new(Query([relation], change), $"is in progress on {relation}, and uses it by that name");

    private static string Query(IEnumerable<string> relations, string change) =>
        $"""
            SELECT c.name FROM segue.change c JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
            WHERE c.status NOT IN ('completed', 'rolled_back') AND c.name <> {Sql.Literal(change)}
              AND EXISTS (SELECT FROM jsonb_path_query(p.json::jsonb, '$.**.relation') AS known
                  WHERE known #>> {Sql.Literal(
                "{}"
            )} IN ({string.Join(", ", relations.Select(Sql.Literal))})) ORDER BY 1
            """;

    /// <summary>The plans that they were begun with.</summary>
    public static async Task<IReadOnlyList<Plan>> PlansAsync(
        NpgsqlConnection connection,
        string change,
        CancellationToken cancel
    ) =>
        !await OtherPlans.AreReadableAsync(connection, cancel)
            ? []
            : await connection.QueryAsync(
                """
                SELECT p.json FROM segue.change c JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
                WHERE c.status NOT IN ('completed', 'rolled_back') AND c.name <> $1 ORDER BY c.name
                """,
                row => PlanJson.Parse(row.GetString(0)),
                cancel,
                change
            );
}
