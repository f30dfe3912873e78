using Segue.Planning;

namespace Segue.Engines;

/// <summary>
/// Reports the effects of a user's statement on tables and the code that uses them, without running it there: measured
/// on empty copies of the tables.
/// </summary>
public interface IStatementProbe
{
    /// <summary>Measures one statement on copies, or tries it and rolls back.</summary>
    Task<Explanation> ExplainAsync(string statement, CancellationToken cancel);
}

/// <summary>The answer.</summary>
public abstract record Explanation
{
    private Explanation() { }

    /// <summary>It was measured.</summary>
    public sealed record Measured(StatementEffect Effect) : Explanation;

    /// <summary>It could not be measured: the server rejects it, or a copy cannot replace its object.</summary>
    public sealed record NotMeasured(Problem Problem) : Explanation;
}

/// <summary>The effects of a statement.</summary>
public sealed record StatementEffect
{
    /// <summary>The strongest lock on each relation, held until its transaction ends.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    /// <summary>Work that grows with the size of a table; none if only the catalog changes.</summary>
    public required IReadOnlyList<RelationWork> Work { get; init; }

    /// <summary>
    /// Views, functions, policies and similar objects that depend on the tables. They may prevent the statement, or
    /// need the change as well.
    /// </summary>
    public required IReadOnlyList<string> Dependents { get; init; }

    /// <summary>The change kind that does the same safely; null if there is none, or none is needed.</summary>
    public required string? SafeRoad { get; init; }

    /// <summary>User code that it calls, whose effects are unknown beforehand.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>
    /// What the text of that code does beyond reading and writing rows, e.g. <c>refresh_totals(): REFRESH MATERIALIZED
    /// VIEW totals</c>.
    /// </summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Effects on running code: removed names, rejected values, lost rows.</summary>
    public IReadOnlyList<Breakage> Breaks { get; init; } = [];

    /// <summary>Columns whose type changes: earlier prepared statements that return one fail.</summary>
    public IReadOnlyList<string> Retyped { get; init; } = [];

    /// <summary>Rows that it writes; their locks are held until its transaction ends.</summary>
    public IReadOnlyList<RowsWritten> Writes { get; init; } = [];

    /// <summary>Rows of other tables that foreign keys delete or change with it, in words.</summary>
    public IReadOnlyList<string> Cascades { get; init; } = [];

    /// <summary>It blocks apps for as long as its work takes.</summary>
    public bool WorksWhileAppsWait =>
        Work.Any(work => Locks.Any(held => held.Blocks == Blocks.ReadsAndWrites || held.IsFeltOn(work.Relation)));

    /// <summary>It holds row locks for longer than an app may wait.</summary>
    public bool HoldsRowsLong => Writes.Sum(rows => rows.Estimate.Seconds) > RowsWritten.LongestHoldSeconds;

    /// <summary>Apps wait for it, fail after it or lose rows, or its effects are unknown.</summary>
    public bool IsHarmful => WorksWhileAppsWait || HoldsRowsLong || Breaks.Count > 0 || Unknown.Count > 0;

    /// <summary>Somebody would have to wait for it.</summary>
    public bool BlocksAnything => Locks.Any(held => held.Blocks != Blocks.Nothing);
}

/// <summary>Work on one relation.</summary>
/// <param name="Relation">Qualified, quoted where needed.</param>
/// <param name="Does">In words, e.g. <c>rewrites the table</c>.</param>
/// <param name="Estimate">For the table as it is now.</param>
public sealed record RelationWork(string Relation, Cost Cost, string Does, Estimate Estimate);
