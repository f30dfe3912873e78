using System.Text;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Catalog;

/// <summary>The planner's facts about one table, from the catalog.</summary>
internal sealed record Table
{
    public required uint Oid { get; init; }

    public required string Schema { get; init; }

    public required string Name { get; init; }

    /// <summary><c>pg_class.relkind</c>.</summary>
    public required char Kind { get; init; }

    /// <summary><c>pg_class.relpersistence</c>.</summary>
    public required char Persistence { get; init; }

    public required string Owner { get; init; }

    public required bool IsOwnerOrMember { get; init; }

    /// <summary>
    /// Our role may use it in LOCK TABLE with a strong mode; for a foreign key's parent that may be forbidden.
    /// </summary>
    public required bool CanLock { get; init; }

    public required bool IsPartition { get; init; }

    public required bool Inherits { get; init; }

    public required bool IsTyped { get; init; }

    public required bool RowSecurityApplies { get; init; }

    /// <summary>Published with updates, but without a replica identity for them.</summary>
    public required bool UpdatesWouldFail { get; init; }

    public required IReadOnlyList<string> InsertRules { get; init; }

    /// <summary>Rules on UPDATE.</summary>
    public required IReadOnlyList<string> UpdateRules { get; init; }

    public required IReadOnlyList<string> DeleteRules { get; init; }

    public required IReadOnlyList<string> Publications { get; init; }

    public required TableSize Size { get; init; }

    /// <summary>Every text of the database can be sent to us.</summary>
    public required bool EncodingIsUnicode { get; init; }

    public required int FillFactor { get; init; }

    /// <summary>Those of apps: not those that Segue keeps of dropped ones.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Its columns, including dropped ones, which keep their place.</summary>
    public required int Attributes { get; init; }

    /// <summary>Columns the server computes: a BEFORE trigger does not see their new values.</summary>
    public required IReadOnlyList<string> GeneratedColumns { get; init; }

    /// <summary>Columns whose values the server may keep outside the row.</summary>
    public required IReadOnlyList<string> ToastableColumns { get; init; }

    public required IReadOnlyList<string> PrimaryKey { get; init; }

    public required IReadOnlyList<UserTrigger> Triggers { get; init; }

    /// <summary>Every partition, nested roots included; empty for a plain table.</summary>
    public required IReadOnlyList<Partition> Partitions { get; init; }

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);

    /// <summary>Row triggers that may change what an update writes.</summary>
    public bool HasTriggersBeforeUpdate =>
        Triggers.Any(trigger => trigger is { IsRow: true, IsBefore: true, OnUpdate: true });

    /// <summary>
    /// The user's own BEFORE row triggers run before a trigger of that name: the server runs them in the order of their
    /// names, byte by byte.
    /// </summary>
    public bool RunsLast(string trigger) =>
        Triggers
            .Where(each => each is { IsRow: true, IsBefore: true } && (each.OnInsert || each.OnUpdate))
            .All(each => CompareBytes(each.Name, trigger) < 0);

    /// <summary>The first part of the names of our triggers, so that they run after the user's own.</summary>
    public string TriggerPrefix(string mark) => RunsLast($"segue_{mark}") ? $"segue_{mark}" : $"~segue_{mark}";

    private static int CompareBytes(string a, string b) =>
        Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));

    /// <summary>The size of all rows, wherever they are.</summary>
    public TableSize TotalSize => Partitions.Aggregate(Size, (sum, partition) => sum + partition.Size);

    /// <summary>It belongs to the server, or to Segue: a dropped table that is kept, too.</summary>
    public bool IsSystem =>
        Schema is "pg_catalog" or "information_schema" or "segue"
        || Schema.StartsWith("segue_kept_", StringComparison.Ordinal);

    public bool IsPartitioned => Kind == 'p';

    /// <summary>The table and all its partitions: everything an <c>ALTER TABLE</c> locks.</summary>
    public IEnumerable<string> AllRelations() => [Sql, .. Partitions.Select(partition => partition.Sql)];
}

/// <param name="Type">The bits of <c>pg_trigger.tgtype</c>.</param>
internal sealed record UserTrigger(string Name, short Type)
{
    public bool IsRow => (Type & 1) != 0;

    public bool IsBefore => (Type & 2) != 0;

    public bool OnInsert => (Type & 4) != 0;

    public bool OnDelete => (Type & 8) != 0;

    public bool OnUpdate => (Type & 16) != 0;
}

/// <param name="Parent">Schema-qualified and quoted: the root, or a partition that is partitioned itself.</param>
internal sealed record Partition(string Schema, string Name, string Parent, char Kind, TableSize Size, int FillFactor)
{
    public required string Owner { get; init; }

    public required bool IsOwnerOrMember { get; init; }

    public string Sql => PostgreSql.Connections.Sql.Name(Schema, Name);
}

/// <param name="Bytes">Of the table's own file.</param>
/// <param name="Rows">As the server's statistics have it, or its planner estimates.</param>
/// <param name="Toast">Bytes of values that are stored out of line.</param>
internal sealed record TableSize(long Bytes, long Pages, double Rows, long Toast = 0)
{
    /// <summary>Bytes that a scan reads if it reads every value of every row.</summary>
    public long All => Bytes + Toast;

    public static TableSize operator +(TableSize a, TableSize b) =>
        new(a.Bytes + b.Bytes, a.Pages + b.Pages, a.Rows + b.Rows, a.Toast + b.Toast);
}
