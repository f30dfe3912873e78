namespace Segue.Planning.Assembly;

/// <summary>Lines of the fingerprint that the change itself alters, by how they begin.</summary>
public sealed class ExpectedDrift
{
    private readonly List<string> _now = [];
    private readonly List<string> _behindGate = [];
    private readonly HashSet<string> _watched = [];

    /// <summary>All of them, sorted.</summary>
    public IReadOnlyList<string> Prefixes => [.. _now.Concat(_behindGate).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Lines that the change alters from its beginning: they are no part of its fingerprint.</summary>
    public void Expect(params IEnumerable<string> prefixes) => _now.AddRange(prefixes);

    /// <summary>Lines that it alters only behind its gate, and counts on until then.</summary>
    public void ExpectBehindGate(params IEnumerable<string> prefixes) => _behindGate.AddRange(prefixes);

    /// <summary>A line that must stay, although other lines of its kind may appear and disappear.</summary>
    public void Watch(string line) => _watched.Add(line);

    /// <summary>
    /// Whether a line belongs to the plan's fingerprint. Apps do not notice new or dropped indexes, so only the indexes
    /// that the change is about must stay.
    /// </summary>
    public bool Counts(string line) =>
        !_now.Any(altered => line.StartsWith(altered, StringComparison.Ordinal))
        && (!line.StartsWith("index ", StringComparison.Ordinal) || _watched.Contains(line));
}
