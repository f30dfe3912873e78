namespace Segue.Changes;

/// <summary>
/// The server generates numbers (<c>GENERATED ... AS IDENTITY</c>). An option that is not set has the engine's default.
/// </summary>
public sealed record IdentityColumn
{
    /// <summary>True: <c>ALWAYS</c>, an app cannot write it. False (default): <c>BY DEFAULT</c>.</summary>
    public bool Always { get; init; }

    public long? Start { get; init; }

    public long? Increment { get; init; }

    public long? MinValue { get; init; }

    public long? MaxValue { get; init; }

    public long? Cache { get; init; }

    public bool Cycle { get; init; }
}
