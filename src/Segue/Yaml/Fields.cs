namespace Segue.Yaml;

/// <summary>A map's entries while its record is built.</summary>
internal sealed class Fields<TOwner>(IReadOnlyDictionary<string, MapEntry> entries, Position start, Problems problems)
{
    public bool Has(Key<TOwner> key) => entries.ContainsKey(key.Name);

    /// <summary>The key's value, or its default. Null only where the default is.</summary>
    public T Get<T>(Key<TOwner, T> key)
        where T : notnull =>
        entries.TryGetValue(key.Name, out MapEntry? entry)
            ? key.Value.Read(entry.Value, key.Name, problems)
            : key.Default;

    /// <summary>A list's items; none after a mistake.</summary>
    public ValueList<T> List<T>(Key<TOwner, IReadOnlyList<T>> key)
        where T : notnull => [.. Get(key) ?? []];

    /// <summary>The key's value; null if it is left out.</summary>
    public T? Find<T>(Key<TOwner, T> key)
        where T : struct => Has(key) ? Get(key) : null;

    /// <summary>Where the key's value stands; where the map begins, if the key is left out.</summary>
    public Position At(Key<TOwner> key) =>
        entries.TryGetValue(key.Name, out MapEntry? entry) ? entry.Value.Position : start;

    /// <summary>Reports a mistake in the value of <paramref name="key"/>.</summary>
    public void Refuse(Key<TOwner> key, string message, string remedy) => problems.Add(At(key), message, remedy);
}
