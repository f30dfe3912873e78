using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Ledger;

/// <summary>Plans of other changes, if our role may read them.</summary>
internal static class OtherPlans
{
    /// <summary>
    /// Lines of a plan's fingerprint that other changes altered, according to their own plans: these are not drift.
    /// </summary>
    public static async Task<IReadOnlyList<string>> AlteredByOthersAsync(
        NpgsqlConnection connection,
        Plan plan,
        CancellationToken cancel
    ) =>
        !await AreReadableAsync(connection, cancel)
            ? []
            : await connection.QueryAsync(
                """
                SELECT line FROM unnest($2) AS line WHERE EXISTS (
                  SELECT FROM segue.change c JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash,
                      jsonb_array_elements_text(
                        coalesce(p.json::jsonb -> 'expectedDrift', p.json::jsonb -> 'alters')) AS altered
                  WHERE c.name <> $1 AND c.status <> 'rolled_back' AND starts_with(line, altered))
                """,
                row => row.GetString(0),
                cancel,
                plan.Change,
                plan.Fingerprint.ToArray()
            );

    public static Task<bool> AreReadableAsync(NpgsqlConnection connection, CancellationToken cancel) =>
        connection.ScalarAsync<bool>(
            "SELECT coalesce(has_schema_privilege('segue', 'USAGE') AND "
                + "has_table_privilege(to_regclass('segue.change'), 'SELECT') AND "
                + "has_table_privilege(to_regclass('segue.plan'), 'SELECT'), false) FROM pg_namespace WHERE "
                + "nspname = 'segue'",
            cancel
        );
}
