namespace Segue.Yaml;

/// <summary>A key that a value uses and not every target has.</summary>
/// <param name="Path">From the outermost key to it, e.g. <c>references</c>, <c>match</c>.</param>
/// <param name="Need">What the target must have.</param>
internal sealed record KeyNeed(IReadOnlyList<string> Path, Enum Need)
{
    public KeyNeed In(string key) => this with { Path = [key, .. Path] };
}
