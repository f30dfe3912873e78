namespace Segue;

/// <summary>Messages name files as one would type them; everything else keeps the full path.</summary>
public static class ShownPath
{
    /// <summary>
    /// Relative to the working directory where the file is in it or below it; else as it was given.
    /// </summary>
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
