namespace Segue.Changes;

/// <summary>
/// Numbers given by the server (<c>GENERATED ... AS IDENTITY</c>). Every option not set is the engine's default.
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
