using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Names as people write them: quoted only if needed.</summary>
internal static class PlainName
{
    public static string Of(string schema, string name) => $"{(schema.Length > 0 ? $"{One(schema)}." : "")}{One(name)}";

    private static string One(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(sign => sign is '_' or (>= 'a' and <= 'z') or (>= '0' and <= '9'))
            ? name
            : Sql.Name(name);
}
