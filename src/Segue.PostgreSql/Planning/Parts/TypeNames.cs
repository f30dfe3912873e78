using Npgsql;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Names of types and collations as change files have them.</summary>
internal static class TypeNames
{
    /// <summary>Null where there is no such type.</summary>
    public static Task<uint?> FindAsync(NpgsqlConnection connection, string type, CancellationToken cancel) =>
        connection.ScalarAsync<uint?>("SELECT to_regtype($1)::oid", cancel, BaseOf(type));

    /// <summary>
    /// The type's name without its modifiers: <c>numeric(12,2)</c> is <c>numeric</c>, <c>timestamp(3) with time
    /// zone</c> loses the middle.
    /// </summary>
    public static string BaseOf(string type)
    {
        int open = type.IndexOf('(');
        int close = type.IndexOf(')', Math.Max(open, 0));
        return open < 0 || close < 0 || type.TrimStart().StartsWith('"') ? type : type[..open] + type[(close + 1)..];
    }

    public static string Collation(string collation)
    {
        int dot = collation.IndexOf('.');
        return dot > 0 && !collation.Contains("utf", StringComparison.OrdinalIgnoreCase)
            ? Sql.Name(collation[..dot], collation[(dot + 1)..])
            : Sql.Name(collation);
    }
}
