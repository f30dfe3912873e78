using Segue.Planning;

namespace Segue.Engines;

/// <summary>
/// Says what a statement of the user's would do to tables and those who use them, without doing it: measured on empty
/// copies of the tables.
/// </summary>
public interface IStatementProbe
{
    Task<Explanation> ExplainAsync(string statement, CancellationToken cancel);
}

/// <summary>The answer.</summary>
public abstract record Explanation
{
    private Explanation() { }

    public sealed record Measured(StatementEffect Effect) : Explanation;

    /// <summary>
    /// It could not be measured: the server does not take it, or it is of a form that no copy can stand for.
    /// </summary>
    public sealed record NotMeasured(Problem Problem) : Explanation;
}

/// <summary>What a statement does.</summary>
public sealed record StatementEffect
{
    /// <summary>The strongest lock on each relation, held until its transaction ends.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    /// <summary>What grows with the size of a table; none where only the catalog is touched.</summary>
    public required IReadOnlyList<RelationWork> Work { get; init; }

    /// <summary>
    /// Views, functions, policies and the like that know the tables: they may stand against it, or need the change as
    /// well.
    /// </summary>
    public required IReadOnlyList<string> Dependents { get; init; }

    /// <summary>
    /// The change kind that does the same without its harm; null where there is none, or none is needed.
    /// </summary>
    public required string? SafeRoad { get; init; }

    /// <summary>Code of the database's own that it calls, and of which nobody knows beforehand what it does.</summary>
    public IReadOnlyList<string> Calls { get; init; } = [];

    /// <summary>
    /// What the text of that code says beyond reading and writing rows, e.g. <c>refresh_totals(): REFRESH MATERIALIZED
    /// VIEW totals</c>.
    /// </summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>
    /// What running code meets afterwards: names that are gone, values that are refused, rows that are lost.
    /// </summary>
    public IReadOnlyList<Breakage> Breaks { get; init; } = [];

    /// <summary>Columns that get another type: statements prepared before it that return one fail.</summary>
    public IReadOnlyList<string> Retyped { get; init; } = [];

    /// <summary>Rows that it writes, with their locks held until its transaction ends.</summary>
    public IReadOnlyList<RowsWritten> Writes { get; init; } = [];

    /// <summary>Rows of other tables that foreign keys delete or change with it, in words.</summary>
    public IReadOnlyList<string> Cascades { get; init; } = [];

    /// <summary>It keeps apps from reading or writing for as long as its work takes.</summary>
    public bool WorksWhileAppsWait =>
        Work.Any(work =>
            Locks.Any(held =>
                held.Blocks != Blocks.Nothing
                && (held.Relation == work.Relation || held.Blocks == Blocks.ReadsAndWrites)
            )
        );

    /// <summary>It holds row locks for longer than an app may wait.</summary>
    public bool HoldsRowsLong => Writes.Sum(rows => rows.Estimate.Seconds) > RowsWritten.LongestHoldSeconds;

    /// <summary>Apps wait for it, fail after it, lose rows by it, or nobody knows what it does.</summary>
    public bool IsHarmful => WorksWhileAppsWait || HoldsRowsLong || Breaks.Count > 0 || Unknown.Count > 0;

    public bool BlocksAnything => Locks.Any(held => held.Blocks != Blocks.Nothing);
}

/// <summary>Work on one relation.</summary>
/// <param name="Relation">Qualified, quoted where needed.</param>
/// <param name="Does">In words, e.g. <c>rewrites the table</c>.</param>
/// <param name="Estimate">For the table as it is now.</param>
public sealed record RelationWork(string Relation, Cost Cost, string Does, Estimate Estimate);
