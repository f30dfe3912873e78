using Segue.Yaml;

namespace Segue.Changes.Files;

/// <summary>
/// Finds the place in a change file that a planner rejects, for mistakes that only the server can find.
/// </summary>
internal static class ChangePlaces
{
    /// <param name="path">The file the change was read from.</param>
    /// <param name="change">As it was read.</param>
    /// <param name="where">An operation's <see cref="Operation.Title"/>, optionally followed by a colon and one of its
    /// keys.</param>
    /// <returns><c>file:line:column</c>; null if the file has no such place.</returns>
    public static string? Find(string path, Change change, string where)
    {
        Problems unheard = new(path);
        if (
            SourceText.FromFile(path, unheard) is not { } source
            || NodeReader.Read(source.Text, unheard) is not MapNode root
            || Value(root, "operations") is not ListNode operations
        )
        {
            return null;
        }

        foreach ((Operation operation, Node item) in change.Operations.Zip(operations.Items))
        {
            if (
                item is MapNode { Entries: [var kind, ..] }
                && where.Split(": ") is [var title, .. var keys]
                && title == operation.Title
            )
            {
                Position place =
                    keys is [var key, ..] && kind.Value is MapNode map && Value(map, key) is { } value
                        ? value.Position
                        : kind.Position;
                return $"{ShownPath.Of(path)}:{place.Line}:{place.Column}";
            }
        }

        return null;
    }

    private static Node? Value(MapNode map, string key) => map.Entries.FirstOrDefault(entry => entry.Key == key)?.Value;
}
