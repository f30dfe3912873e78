namespace Segue.Yaml;

/// <summary>
/// A place in a file. Line and column count from 1; <see cref="WholeFile"/> is no place in particular.
/// </summary>
internal sealed record Position(int Line, int Column)
{
    public static Position WholeFile { get; } = new(0, 0);

    /// <summary>The place of the character at <paramref name="index"/>.</summary>
    public static Position At(ReadOnlySpan<char> text, int index)
    {
        ReadOnlySpan<char> before = text[..index];
        return new Position(before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }
}
