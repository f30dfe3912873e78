namespace Segue.Yaml;

/// <summary>A whole file's text to the record its top-level map stands for.</summary>
internal static class DocumentReader
{
    /// <returns>Null for a file that holds nothing but comments. Use it only if <paramref name="problems"/> holds
    /// none.</returns>
    public static T? Read<T>(string text, Value<T> value, string what, Problems problems)
        where T : class
    {
        Node? root = NodeReader.Read(text, problems);
        return root is null ? null : value.Read(root, what, problems);
    }
}
