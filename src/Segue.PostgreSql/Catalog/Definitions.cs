namespace Segue.PostgreSql.Catalog;

/// <summary>
/// SQL over the catalog for statements that recreate an object from the server's own definitions. <c>relation</c> is
/// SQL text of the name of the relation that gets it.
/// </summary>
internal static class Definitions
{
    /// <summary>For a <c>pg_policy p</c>.</summary>
    public static string Policy(string relation) =>
        $"""
            format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, {relation},
                CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
              CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                  ELSE 'ALL' END,
              (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC'
                  ELSE quote_ident(pg_catalog.pg_get_userbyid(role)) END, ', ') FROM unnest(p.polroles) AS role))
              || coalesce(' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')', '')
                  || coalesce(' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
            """;

    /// <summary>For a <c>pg_trigger t</c> that is not enabled in the default way.</summary>
    public static string Firing(string relation) =>
        $"format('ALTER TABLE %s %s TRIGGER %I', {relation}, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN "
        + "'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, t.tgname)";
}
