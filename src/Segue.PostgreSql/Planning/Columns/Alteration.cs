using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Dependents;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>One attribute of an existing column, with its old and new value; only the catalog changes.</summary>
internal sealed record Alteration
{
    /// <summary>
    /// Expand for harmless changes; contract for those that old code could still need or that cannot be undone.
    /// </summary>
    public required StageName Stage { get; init; }

    /// <summary>The column that has the attribute.</summary>
    public string Column { get; init; } = "";

    /// <summary>For titles, e.g. <c>set the default of currency</c>.</summary>
    public required string Title { get; init; }

    public required string Statement { get; init; }

    /// <summary>A condition.</summary>
    public required string IsDone { get; init; }

    /// <summary>Null if it cannot be undone.</summary>
    public string? Undo { get; init; }

    /// <summary>A condition; null without an undo.</summary>
    public string? IsUndone { get; init; }

    /// <summary>The table's lock.</summary>
    public string Mode { get; init; } = Locks.AccessExclusive;

    /// <summary>The gate's condition for it; null without a gate.</summary>
    public GateCondition? WaitsFor { get; init; }

    /// <summary>
    /// An object that was created after the plan and would change the work; null if there can be none.
    /// </summary>
    public Obstacle? Obstacle { get; init; }

    /// <summary>Null for any attribute except the type or collation.</summary>
    public Retyping? Retypes { get; init; }

    /// <summary>Tables that foreign keys connect to the column; the server locks them too.</summary>
    public IReadOnlyList<Partner> Partners { get; init; } = [];
}

/// <summary>A column that gets another type or collation.</summary>
/// <param name="Title">The operation's.</param>
/// <param name="Clauses">The actions of the ALTER TABLE that does it.</param>
/// <param name="EndSessionsOf">Applications whose sessions are ended with it.</param>
internal sealed record Retyping(string Title, string Column, string Clauses, IReadOnlyList<string> EndSessionsOf);

/// <param name="CanLock">Our role may use it in LOCK TABLE.</param>
internal sealed record Partner(RelationLock Lock, bool CanLock);

/// <summary>A column that becomes NOT NULL without being filled.</summary>
/// <param name="Name">The constraint's, from 18 on.</param>
internal sealed record ProvenNotNull(string Column, string Name, string Condition);

/// <summary>Everything that a change does to the columns of one table.</summary>
internal sealed record ColumnWork(
    IReadOnlyList<NewColumn> Columns,
    IReadOnlyDictionary<string, EnforceTarget> Targets,
    IReadOnlyList<Alteration> Alterations,
    IReadOnlyList<ProvenNotNull> NotNulls
)
{
    /// <summary>Applications whose sessions are ended when types change.</summary>
    public IReadOnlyList<string> SessionsEnded =>
        [.. Alterations.SelectMany(alteration => alteration.Retypes?.EndSessionsOf ?? []).Distinct()];

    /// <summary>The operation of each column, by its place in the change.</summary>
    public required IReadOnlyDictionary<string, int> Places { get; init; }

    /// <summary>Places of those operations, or of all where there is no such column.</summary>
    public IReadOnlyList<int> From(IEnumerable<string> columns)
    {
        int[] places = [.. columns.Where(Places.ContainsKey).Select(column => Places[column]).Distinct().Order()];
        return places.Length > 0 ? places : [.. Places.Values.Order()];
    }

    /// <summary>With the columns' new types.</summary>
    public RecreatedDependents Recreated { get; init; } = RecreatedDependents.None;
}
