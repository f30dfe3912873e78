namespace Segue.Projects;

/// <summary>The engines that a program offers.</summary>
/// <param name="providers">In the order in which they are asked whether an address is theirs.</param>
public sealed class EngineRegistry(params IReadOnlyList<IEngineProvider> providers)
{
    /// <summary>In the order in which they are asked whether an address is theirs.</summary>
    public IReadOnlyList<IEngineProvider> Providers => providers;

    /// <summary>
    /// True for what looks like a URL or a connection string, whatever its engine; else it is a name.
    /// </summary>
    public static bool IsAddress(string text) =>
        text.Contains("://", StringComparison.Ordinal) || text.Contains('=', StringComparison.Ordinal);

    /// <summary>The engine an address belongs to; null where none of them recognises it.</summary>
    public IEngineProvider? For(string address) => providers.FirstOrDefault(provider => provider.Recognises(address));
}
