using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Dependents;

/// <summary>
/// Views, triggers, policies and CHECKs that know the type of an altered column: taken away before and made again
/// after, in the same transaction.
/// </summary>
internal sealed record CarriedOver
{
    public static CarriedOver None { get; } =
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
    /// For what the definitions read beside the table: whoever holds that is waited for before anything is locked that
    /// apps use.
    /// </summary>
    public required IReadOnlyList<string> Waits { get; init; }

    /// <summary>
    /// What locks the views alone, outermost first, as everybody who uses them does: before their table.
    /// </summary>
    public required IReadOnlyList<string> LockStatements { get; init; }

    /// <summary>On the views, and on what they read beside the table.</summary>
    public required IReadOnlyList<RelationLock> Locks { get; init; }

    public required IReadOnlyList<string> Drop { get; init; }

    public required IReadOnlyList<string> Create { get; init; }

    /// <summary>Columns of the views that change their type too, e.g. <c>public.paid.note</c>.</summary>
    public required IReadOnlyList<string> Retyped { get; init; }

    /// <summary>CHECKs that were proven, and are again once every row was looked at.</summary>
    public required IReadOnlyList<PlannedConstraint> Unproven { get; init; }

    /// <summary>
    /// One of them was altered since, or something else knows the type: what would come again is not what is there.
    /// </summary>
    public required IReadOnlyList<Obstacle> Obstacles { get; init; }
}
