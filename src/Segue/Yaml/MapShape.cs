namespace Segue.Yaml;

/// <summary>
/// What a map that stands for a <typeparamref name="T"/> looks like. The only place its keys are listed.
/// </summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Description">For the JSON Schema.</param>
/// <param name="Keys">In the order the writer keeps.</param>
/// <param name="Build">Asks for each key once; the result is used only if nothing was wrong.</param>
internal sealed record MapShape<T>(
    string Name,
    string Description,
    IReadOnlyList<Key<T>> Keys,
    Func<Fields<T>, T> Build
)
{
    /// <summary>Pairs that contradict each other.</summary>
    public IReadOnlyList<Exclusion<T>> Exclusions { get; init; } = [];

    /// <summary>What a template sets beside the required keys, so that it means something.</summary>
    public IReadOnlyList<Key<T>> Typical { get; init; } = [];

    /// <summary>
    /// Contradictions between values. Called only if every key of the map is in order, so that no mistake is reported
    /// twice.
    /// </summary>
    public Action<T, Fields<T>> Judge { get; init; } = (_, _) => { };
}

/// <summary>Two keys of which a map has one at most.</summary>
internal sealed record Exclusion<T>(Key<T> One, Key<T> Other, string Remedy);
