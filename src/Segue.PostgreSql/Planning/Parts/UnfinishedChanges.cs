using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Other changes under way on a table, by the plans they were begun with: they know it by its name.</summary>
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
    /// What the change must not be taken back before: whoever knows the relation does so by the name it gave.
    /// </summary>
    /// <param name="relation">Qualified and quoted.</param>
    public static BuiltOn On(string relation, string change) =>
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

    /// <summary>Those that are about the same things; each with the thing.</summary>
    /// <param name="takes">What the change that is planned is about.</param>
    public static async Task<IReadOnlyList<(string Change, string Thing)>> MeetingAsync(
        NpgsqlConnection connection,
        string change,
        IReadOnlyList<string> takes,
        CancellationToken cancel
    ) =>
        !await OtherPlans.AreReadableAsync(connection, cancel)
            ? []
            : await connection.QueryAsync(
                """
                SELECT DISTINCT ON (c.name) c.name, thing FROM segue.change c JOIN segue.plan p ON p.change = c.name
                    AND p.hash = c.plan_hash, jsonb_array_elements_text(p.json::jsonb -> 'takes') AS thing
                WHERE thing = ANY ($2) AND c.status NOT IN ('completed', 'rolled_back') AND c.name <> $1 ORDER BY 1, 2
                """,
                row => (row.GetString(0), row.GetString(1)),
                cancel,
                change,
                takes.ToArray()
            );
}
