using System.Text.Json;

namespace Segue;

/// <summary>Names as people read them.</summary>
public static class Text
{
    /// <summary>E.g. <c>RolledBack</c> as <c>rolled_back</c>.</summary>
    public static string SnakeCase<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
