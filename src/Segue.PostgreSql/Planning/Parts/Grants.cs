using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// The privileges on a table or view, for another one that replaces it: as in the server's catalog, columns included.
/// </summary>
internal sealed class Grants(NpgsqlConnection connection, uint oid, CancellationToken cancel)
{
    /// <summary>
    /// Statements that give a new relation with the same owner these grants and no others, whatever the default
    /// privileges of its creator are.
    /// </summary>
    public async Task<IReadOnlyList<string>> CopyAsync(string relation) =>
        [
            OwnersAlone(relation),
            .. (await connection.QueryAsync(LesserOwner, row => row.GetString(0), cancel, (long)oid)).Select(owner =>
                $"REVOKE ALL ON {relation} FROM {Sql.Name(owner)}"
            ),
            .. await GivenAsync(relation),
        ];

    /// <summary>The same without revoking the default privileges of a new relation.</summary>
    public async Task<IReadOnlyList<string>> GivenAsync(string relation) =>
        [
            .. (await connection.QueryAsync(OfTable, Read, cancel, (long)oid)).Select(grant => grant.On(relation)),
            .. (await connection.QueryAsync(OfColumns, Read, cancel, (long)oid)).Select(grant => grant.On(relation)),
        ];

    /// <summary>Statements that give a new column the grants that a column has for itself.</summary>
    public async Task<IReadOnlyList<string>> OfColumnAsync(string relation, string column, string newColumn) =>
        [
            .. (await connection.QueryAsync(OfColumns, Read, cancel, (long)oid))
                .Where(grant => grant.Columns.Contains(column))
                .Select(grant => (grant with { Columns = [newColumn] }).On(relation)),
        ];

    private static Grant Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.Nullable<string[]>(3) ?? []);

    /// <summary>The empty name means PUBLIC.</summary>
    private static string Grantee(string name) => name.Length == 0 ? "PUBLIC" : Sql.Name(name);

    /// <summary>Only the owner's privileges, which are complete.</summary>
    private static string OwnersAlone(string relation) =>
        $"""
        DO {Sql.Literal($"""
        DECLARE other text;
        BEGIN
          FOR other IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC'
              ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
              WHERE c.oid = {Sql.Literal(relation)}::regclass AND a.grantee <> c.relowner LOOP
            EXECUTE format('REVOKE ALL ON %s FROM %s', {Sql.Literal(relation)}, other);
          END LOOP;
          IF EXISTS (SELECT FROM pg_class c WHERE c.oid = {Sql.Literal(relation)}::regclass AND c.relacl IS NOT NULL
              AND (SELECT count(*) FROM aclexplode(c.relacl) a WHERE a.grantee = c.relowner) < (SELECT count(*)
                  FROM aclexplode(acldefault('r', c.relowner)))) THEN
            EXECUTE (SELECT format('GRANT ALL ON %s TO %I', {Sql.Literal(relation)}, pg_get_userbyid(c.relowner))
                FROM pg_class c WHERE c.oid = {Sql.Literal(relation)}::regclass);
          END IF;
        END
        """)}
        """;

    /// <summary>An owner who lacks some privileges.</summary>
    private const string LesserOwner = """
        SELECT pg_get_userbyid(c.relowner)::text FROM pg_class c WHERE c.oid = $1::oid AND c.relacl IS NOT NULL
          AND (SELECT count(*) FROM aclexplode(c.relacl) a WHERE a.grantee = c.relowner) <> (SELECT count(*)
              FROM aclexplode(acldefault('r', c.relowner)))
        """;

    private const string OfTable = """
        SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, ''),
            string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type), a.is_grantable, NULL::text[]
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.oid = $1::oid
          AND (a.grantee <> c.relowner OR (SELECT count(*) FROM aclexplode(c.relacl) o
              WHERE o.grantee = c.relowner) <> (SELECT count(*) FROM aclexplode(acldefault('r', c.relowner))))
        GROUP BY a.grantee, a.is_grantable ORDER BY 1, 3
        """;

    private const string OfColumns = """
        SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, ''), a.privilege_type, a.is_grantable,
            array_agg(DISTINCT c.attname::text ORDER BY c.attname::text)
        FROM pg_attribute c CROSS JOIN LATERAL aclexplode(c.attacl) a WHERE c.attrelid = $1::oid AND c.attnum > 0
            AND NOT c.attisdropped
        GROUP BY a.grantee, a.privilege_type, a.is_grantable ORDER BY 1, 2, 3
        """;

    private sealed record Grant(string To, string Privileges, bool IsGrantable, IReadOnlyList<string> Columns)
    {
        public string On(string relation) =>
            $"GRANT {Privileges}{(Columns.Count > 0 ? $" ({Sql.Names(Columns)})" : "")} ON {relation} TO "
            + $"{Grantee(To)}{(IsGrantable ? " WITH GRANT OPTION" : "")}";
    }
}
