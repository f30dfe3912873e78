using Segue.Changes;
using Segue.Planning;

namespace Segue.Engines;

/// <summary>
/// Decides, never executes: reads the target's catalog and returns a plan, or the reasons why there is none.
/// </summary>
public interface IPlanner
{
    /// <summary>Plans a change; whatever is tried on the server is rolled back.</summary>
    Task<PlanOutcome> PlanAsync(Change change, PlanOptions options, CancellationToken cancel);
}

/// <summary>Settings of the user for planning.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
public sealed record PlanOptions
{
    internal static readonly Bounds<long> SmallTableBounds = new(0, 64L << 20);

    /// <summary>How long steps may delay an app. Default: <see cref="Planning.Limits.Default"/>.</summary>
    public Limits Limits { get; init; } = Limits.Default;

    /// <summary>
    /// A table up to this size is changed in one short transaction. Bytes, 0 to 64 MiB; default 1 MiB, 0 for never.
    /// </summary>
    public long SmallTableBytes
    {
        get;
        init => field = SmallTableBounds.Check(value);
    } = 1024 * 1024;

    /// <summary>
    /// Every table, even an empty one, is changed in stages as a large one is, so that staging rehearses what
    /// production runs. Default false.
    /// </summary>
    public bool Staged { get; init; }
}

/// <summary>The planner's answer.</summary>
public abstract record PlanOutcome
{
    private PlanOutcome() { }

    /// <summary>There is a plan.</summary>
    public sealed record Planned(Plan Plan) : PlanOutcome;

    /// <summary>The change does not fit the target: an unknown table, a bad expression.</summary>
    public sealed record Invalid(IReadOnlyList<Problem> Problems) : PlanOutcome;

    /// <summary>It could be done, but not safely.</summary>
    public sealed record Refused(IReadOnlyList<Problem> Problems) : PlanOutcome;
}

/// <param name="Where">The part of the change, e.g. <c>add_column orders.currency: check</c>.</param>
/// <param name="What">What is wrong and why.</param>
/// <param name="Remedy">What to do.</param>
public sealed record Problem(string Where, string What, string Remedy)
{
    /// <summary>What can be done next, the usual first. Default none: the remedy says it all.</summary>
    public IReadOnlyList<NextAction> Next { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() =>
        Remedy.Length == 0 ? $"{Where}: {What}"
        : What.EndsWith('.') || What.EndsWith('?') ? $"{Where}: {What} {Remedy}"
        : $"{Where}: {What}. {Remedy}";
}
