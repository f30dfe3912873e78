using Segue.Planning;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>
/// The table locks the planned statements take. Modes: documentation, "Explicit Locking"; asserted against
/// <c>pg_locks</c> by tests.
/// </summary>
internal static class Locks
{
    public const string AccessShare = "ACCESS SHARE";
    public const string RowShare = "ROW SHARE";
    public const string RowExclusive = "ROW EXCLUSIVE";
    public const string ShareUpdateExclusive = "SHARE UPDATE EXCLUSIVE";
    public const string Share = "SHARE";
    public const string ShareRowExclusive = "SHARE ROW EXCLUSIVE";
    public const string Exclusive = "EXCLUSIVE";
    public const string AccessExclusive = "ACCESS EXCLUSIVE";

    public static RelationLock On(string relation, string mode) =>
        new(
            relation,
            mode,
            mode switch
            {
                AccessExclusive => Blocks.ReadsAndWrites,
                Share or ShareRowExclusive or Exclusive => Blocks.Writes,
                _ => Blocks.Nothing,
            }
        );

    /// <summary>
    /// From 0, the weakest. Each conflicts with everything that the one before it conflicts with. Exception: SHARE does
    /// not conflict with itself.
    /// </summary>
    public static int Strength(string mode) => Array.IndexOf(Modes, mode);

    public static IReadOnlyList<string> All => Modes;

    private static readonly string[] Modes =
    [
        AccessShare,
        RowShare,
        RowExclusive,
        ShareUpdateExclusive,
        Share,
        ShareRowExclusive,
        Exclusive,
        AccessExclusive,
    ];

    public static string Strongest(IEnumerable<string> modes) => modes.MaxBy(Strength)!;

    /// <summary>The strongest first.</summary>
    public static RelationLock[] Sorted(IEnumerable<RelationLock> locks) =>
        [.. locks.OrderByDescending(held => Strength(held.Mode)).ThenBy(held => held.Relation, StringComparer.Ordinal)];

    /// <summary>The same mode on a table and all its partitions.</summary>
    public static IReadOnlyList<RelationLock> OnAll(Table table, string mode) =>
        [.. table.AllRelations().Select(relation => On(relation, mode))];

    /// <summary>
    /// A table's strong lock, and its partitions' with it. The root is locked first and alone: from its lock on an app
    /// may wait, and the hold time is counted.
    /// </summary>
    public static IEnumerable<string> Statements(Table table, string mode) =>
        table.IsPartitioned
            ? [Statement($"ONLY {table.Sql}", mode), Statement(table.Sql, mode)]
            : [Statement(table.Sql, mode)];

    /// <summary>The statement; it locks the partitions too.</summary>
    public static string Statement(string relation, string mode) => $"LOCK TABLE {relation} IN {mode} MODE";
}
