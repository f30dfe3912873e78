using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Only some of a root's many partitions are copied. The effect of the statement on those that it does not name holds
/// for the others as well.
/// </summary>
internal static class OmittedPartitions
{
    public static IReadOnlyList<RelationLock> Locks(TableCopies copies, IReadOnlyList<RelationLock> measured) =>
        [
            .. measured,
            .. NotCopied(copies)
                .SelectMany(part =>
                    Common(part.Peers, peer => measured.FirstOrDefault(held => held.Relation == peer)?.Mode) is { } mode
                        ? [Catalog.Locks.On(part.Partition.Sql, mode)]
                        : Array.Empty<RelationLock>()
                ),
        ];

    public static IReadOnlyList<RelationWork> Work(TableCopies copies, IReadOnlyList<RelationWork> measured) =>
        [
            .. measured,
            .. NotCopied(copies)
                .SelectMany(part =>
                    Common(part.Peers, peer => measured.FirstOrDefault(work => work.Relation == peer)?.Cost) is { } cost
                        ?
                        [
                            MeasuredWork.On(
                                part.Root with
                                {
                                    Schema = part.Partition.Schema,
                                    Name = part.Partition.Name,
                                    Size = part.Partition.Size,
                                    Partitions = [],
                                },
                                cost
                            ),
                        ]
                        : Array.Empty<RelationWork>()
                ),
        ];

    private static IEnumerable<(Table Root, Partition Partition, string[] Peers)> NotCopied(TableCopies copies)
    {
        HashSet<string> copied = [.. copies.Originals.Values.Select(table => table.Sql)];
        return from root in copies.Originals.Values
            from partition in root.Partitions
            where !copied.Contains(partition.Sql)
            select (root, partition, PeersOf(root, partition).ToArray());

        IEnumerable<string> PeersOf(Table root, Partition partition) =>
            root
                .Partitions.Where(other =>
                    other.Kind == partition.Kind && copied.Contains(other.Sql) && !copies.IsSpecial(other.Sql)
                )
                .Select(other => other.Sql);
    }

    private static T? Common<T>(string[] peers, Func<string, T> of) =>
        peers.Select(of).Distinct().ToArray() is [var one] ? one : default;
}
