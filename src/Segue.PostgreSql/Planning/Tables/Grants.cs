using Npgsql;

namespace Segue.PostgreSql.Planning.Tables;

/// <summary>Who may do what with a table or view, for one that takes its place: as the server's catalog has it, columns included.</summary>
internal sealed class Grants(NpgsqlConnection connection, uint oid, CancellationToken cancel)
{
    /// <summary>Statements that give a relation made by our role, and owned like that one, its grants.</summary>
    public async Task<IReadOnlyList<string>> CopyAsync(string relation) =>
    [
        .. (await connection.QueryAsync(Unwanted, row => row.GetString(0), cancel, (long)oid)).Select(grantee => $"REVOKE ALL ON {relation} FROM {Grantee(grantee)}"),
        .. await GivenAsync(relation),
    ];

    /// <summary>The same without what takes away the rights that a new one has by itself.</summary>
    public async Task<IReadOnlyList<string>> GivenAsync(string relation) =>
    [
        .. (await connection.QueryAsync(OfTable, Read, cancel, (long)oid)).Select(grant => grant.On(relation)),
        .. (await connection.QueryAsync(OfColumns, Read, cancel, (long)oid)).Select(grant => grant.On(relation)),
    ];

    private static Grant Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.Nullable<string[]>(3) ?? []);

    /// <summary>The empty name is PUBLIC's.</summary>
    private static string Grantee(string name) => name.Length == 0 ? "PUBLIC" : Sql.Name(name);

    /// <summary>Whom default privileges let in, and an owner who has not all that owners have.</summary>
    private const string Unwanted =
        """
        SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, '') FROM pg_class c
        JOIN pg_default_acl d ON d.defaclrole = current_user::regrole AND d.defaclobjtype = 'r' AND d.defaclnamespace IN (0, c.relnamespace)
        CROSS JOIN LATERAL aclexplode(d.defaclacl) a WHERE c.oid = $1::oid AND a.grantee <> c.relowner AND a.grantee <> d.defaclrole
        UNION
        SELECT pg_get_userbyid(c.relowner)::text FROM pg_class c WHERE c.oid = $1::oid AND c.relacl IS NOT NULL
          AND (SELECT count(*) FROM aclexplode(c.relacl) a WHERE a.grantee = c.relowner) <> (SELECT count(*) FROM aclexplode(acldefault('r', c.relowner)))
        ORDER BY 1
        """;

    private const string OfTable =
        """
        SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, ''), string_agg(DISTINCT a.privilege_type, ', ' ORDER BY a.privilege_type), a.is_grantable, NULL::text[]
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a WHERE c.oid = $1::oid
          AND (a.grantee <> c.relowner OR (SELECT count(*) FROM aclexplode(c.relacl) o WHERE o.grantee = c.relowner) <> (SELECT count(*) FROM aclexplode(acldefault('r', c.relowner))))
        GROUP BY a.grantee, a.is_grantable ORDER BY 1, 3
        """;

    private const string OfColumns =
        """
        SELECT coalesce(pg_get_userbyid(nullif(a.grantee, 0))::text, ''), a.privilege_type, a.is_grantable, array_agg(DISTINCT c.attname::text ORDER BY c.attname::text)
        FROM pg_attribute c CROSS JOIN LATERAL aclexplode(c.attacl) a WHERE c.attrelid = $1::oid AND c.attnum > 0 AND NOT c.attisdropped
        GROUP BY a.grantee, a.privilege_type, a.is_grantable ORDER BY 1, 2, 3
        """;

    private sealed record Grant(string To, string Privileges, bool IsGrantable, IReadOnlyList<string> Columns)
    {
        public string On(string relation) =>
            $"GRANT {Privileges}{(Columns.Count > 0 ? $" ({Sql.Names(Columns)})" : "")} ON {relation} TO {Grantee(To)}{(IsGrantable ? " WITH GRANT OPTION" : "")}";
    }
}
