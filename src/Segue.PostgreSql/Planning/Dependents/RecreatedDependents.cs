using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Dependents;

/// <summary>
/// Views, triggers, policies and CHECKs that depend on the type of an altered column: dropped before and recreated
/// after, in the same transaction.
/// </summary>
internal sealed record RecreatedDependents
{
    public static RecreatedDependents None { get; } =
        new()
        {
            Titles = [],
            Waits = [],
            LockStatements = [],
            Locks = [],
            Drop = [],
            Create = [],
            Retyped = [],
            Unproven = [],
            Obstacles = [],
        };

    /// <summary>In the server's words, e.g. <c>view public.paid</c>.</summary>
    public required IReadOnlyList<string> Titles { get; init; }

    /// <summary>
    /// Locks on other relations that the definitions read: we wait for these before we lock anything that apps use.
    /// </summary>
    public required IReadOnlyList<string> Waits { get; init; }

    /// <summary>
    /// Locks of the views alone, outermost first, in the order in which everybody locks them: before their table.
    /// </summary>
    public required IReadOnlyList<string> LockStatements { get; init; }

    /// <summary>On the views, and on other relations that they read.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    public required IReadOnlyList<string> Drop { get; init; }

    public required IReadOnlyList<string> Create { get; init; }

    /// <summary>Columns of the views that change their type too, e.g. <c>public.paid.note</c>.</summary>
    public required IReadOnlyList<string> Retyped { get; init; }

    /// <summary>CHECKs that were proven, and are proven again by a scan.</summary>
    public required IReadOnlyList<PlannedConstraint> Unproven { get; init; }

    /// <summary>
    /// One of them was altered, or another object depends on the type: the recreated objects would not be the existing
    /// ones.
    /// </summary>
    public required IReadOnlyList<Obstacle> Obstacles { get; init; }
}
