namespace Segue.Changes;

/// <summary>
/// The server generates numbers (<c>GENERATED ... AS IDENTITY</c>). An option that is not set has the engine's default.
/// </summary>
public sealed record IdentityColumn
{
    /// <summary>True: <c>ALWAYS</c>, an app cannot write it. False (default): <c>BY DEFAULT</c>.</summary>
    public bool Always { get; init; }

    /// <summary>The first value; null for the default one.</summary>
    public long? Start { get; init; }

    /// <summary>The step between values; null for the default one.</summary>
    public long? Increment { get; init; }

    /// <summary>The least value; null for the default one.</summary>
    public long? MinValue { get; init; }

    /// <summary>The greatest value; null for the default one.</summary>
    public long? MaxValue { get; init; }

    /// <summary>How many values a session takes at a time; null for the default.</summary>
    public long? Cache { get; init; }

    /// <summary>Whether it begins again after the last value. Default false.</summary>
    public bool Cycle { get; init; }
}
