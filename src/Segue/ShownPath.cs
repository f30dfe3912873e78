namespace Segue;

/// <summary>Messages name files as one would type them; everything else keeps the full path.</summary>
internal static class ShownPath
{
    public static string Of(string path)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return path;
        }

        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
