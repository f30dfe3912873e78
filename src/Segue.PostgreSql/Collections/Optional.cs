namespace Segue.PostgreSql.Collections;

/// <summary>Elements of a list that are there only under a condition.</summary>
internal static class Optional
{
    public static IEnumerable<T> When<T>(bool condition, T element) => condition ? [element] : [];

    public static IEnumerable<T> When<T>(bool condition, Func<T> element) => condition ? [element()] : [];

    /// <summary>An element made from a value that may be missing.</summary>
    public static IEnumerable<T> When<TGiven, T>(TGiven? given, Func<TGiven, T> element)
        where TGiven : class => given is null ? [] : [element(given)];

    public static IEnumerable<T> When<TGiven, T>(TGiven? given, Func<TGiven, T> element)
        where TGiven : struct => given is { } value ? [element(value)] : [];

    /// <summary>A value that may be missing.</summary>
    public static IEnumerable<T> When<T>(T? given)
        where T : class => given is null ? [] : [given];
}
