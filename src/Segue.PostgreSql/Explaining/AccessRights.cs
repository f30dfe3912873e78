using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Access rights as the catalog writes them, <c>role=rights/grantor</c>: documentation, "Privileges".
/// </summary>
internal static class AccessRights
{
    private static readonly Dictionary<char, string> Names = new()
    {
        ['r'] = "SELECT",
        ['a'] = "INSERT",
        ['w'] = "UPDATE",
        ['d'] = "DELETE",
        ['D'] = "TRUNCATE",
        ['x'] = "REFERENCES",
        ['t'] = "TRIGGER",
        ['X'] = "EXECUTE",
        ['U'] = "USAGE",
        ['C'] = "CREATE",
    };

    /// <summary>The privileges that each role has lost.</summary>
    public static IEnumerable<(string Role, string Rights)> Lost(string[] old, string[] now)
    {
        ILookup<string, char> left = now.SelectMany(Parts).ToLookup(each => each.Role, each => each.Right);
        foreach (IGrouping<string, char> role in old.SelectMany(Parts).GroupBy(each => each.Role, each => each.Right))
        {
            char[] lost = [.. role.Distinct().Except(left[role.Key])];
            if (lost.Length > 0)
            {
                yield return (
                    role.Key.Length == 0 ? "everybody" : role.Key,
                    string.Join(", ", lost.Select(right => Names[right]))
                );
            }
        }
    }

    private static IEnumerable<(string Role, char Right)> Parts(string item)
    {
        int slash = item.LastIndexOf('/');
        int equals = slash < 0 ? -1 : item.LastIndexOf('=', slash);
        return equals < 0
            ? []
            : item[(equals + 1)..slash].Where(Names.ContainsKey).Select(right => (item[..equals].Trim('"'), right));
    }
}
