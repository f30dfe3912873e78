using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Volatile functions outside pg_catalog that a query calls, also by operators and views: such a function may change
/// anything.
/// </summary>
internal sealed class VolatileCalls(NpgsqlConnection connection)
{
    /// <summary>Within a transaction that is rolled back.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(string query, CancellationToken cancel)
    {
        // The server parses the body of such a function when it is created, and records its dependencies.
        string create = $"CREATE FUNCTION pg_temp.segue_calls() RETURNS void LANGUAGE sql BEGIN ATOMIC {query}\n; END";
        return
            await connection.RejectionOfAsync(() => connection.ExecuteAsync(create, cancel), _ => true, cancel) is null
            ? await connection.QueryAsync(Query, row => row.GetString(0), cancel)
            : ["part of a query of this form"];
    }

    private const string Query = """
        WITH RECURSIVE uses AS (
          SELECT 'pg_proc'::regclass::oid AS class, 'pg_temp.segue_calls()'::regprocedure::oid AS object
          UNION SELECT below.class, below.object FROM uses CROSS JOIN LATERAL (
            SELECT d.refclassid AS class, d.refobjid AS object FROM pg_depend d WHERE d.classid = uses.class
                AND d.objid = uses.object AND d.deptype = 'n'
                AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_class'::regclass)
            UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r WHERE uses.class = 'pg_class'::regclass
                AND r.ev_class = uses.object
            UNION ALL SELECT 'pg_proc'::regclass, o.oprcode FROM pg_operator o
                WHERE uses.class = 'pg_operator'::regclass AND o.oid = uses.object) AS below)
        SELECT DISTINCT p.oid::regprocedure::text FROM uses JOIN pg_proc p ON uses.class = 'pg_proc'::regclass
            AND p.oid = uses.object
        WHERE p.provolatile = 'v' AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, pg_my_temp_schema()) ORDER BY 1
        """;
}
