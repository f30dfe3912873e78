using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Partitions;

/// <summary>The statements that detach a partition.</summary>
internal static class Detachment
{
    /// <summary>A condition: it is a partition, or half detached.</summary>
    public static string IsPartition(Table root, Table partition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE {Of(root, partition)})";

    /// <summary>A condition: a concurrent detachment was interrupted between its two transactions.</summary>
    public static string IsHalf(Table root, Table partition) =>
        $"EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE {Of(root, partition)} AND inhdetachpending)";

    /// <summary>In one short transaction, under strong locks.</summary>
    /// <param name="other">The default partition, whose bound changes; null for none.</param>
    /// <param name="references">The tables that the root's foreign keys reference: the partition gets keys of its
    /// own.</param>
    public static DdlStep Short(Table root, Table partition, Table? other, IReadOnlyList<Table> references)
    {
        Table[] own = [root, partition, .. other is null ? Array.Empty<Table>() : [other]];
        Table[] lockable = [.. references.Where(table => table.CanLock)];
        return new DdlStep
        {
            Id = new Steps(partition).IdOf("contract/detach"),
            Title = $"detach {partition.Name} from {root.Name}",
            PatientLocks =
            [
                .. own.Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.ShareUpdateExclusive)),
                .. lockable.Select(table => Locks.Statement(table.Sql, Locks.ShareUpdateExclusive)),
            ],
            Locks =
            [
                .. own.Select(table => Locks.Statement($"ONLY {table.Sql}", Locks.AccessExclusive)),
                .. lockable.SelectMany(table => Locks.Statements(table, Locks.ShareRowExclusive)),
            ],
            Statements = [$"ALTER TABLE {root.Sql} DETACH PARTITION {partition.Sql}"],
            Applied = Conditions.Query(Conditions.Not(IsPartition(root, partition))),
            Impact = new Impact
            {
                Locks =
                [
                    .. own.Select(table => Locks.On(table.Sql, Locks.AccessExclusive)),
                    .. references.SelectMany(table => Locks.OnAll(table, Locks.ShareRowExclusive)),
                ],
                Cost = Cost.Metadata,
            },
            Estimate = Estimates.Metadata(partition),
        };
    }

    private static string Of(Table root, Table partition) =>
        $"inhparent = to_regclass({Sql.Literal(root.Sql)}) AND inhrelid = to_regclass({Sql.Literal(partition.Sql)})";
}
