using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>The new and altered columns of one table, with what their road decides for each.</summary>
internal sealed class RoadColumns
{
    public RoadColumns(Table table, ColumnWork work, RoadFacts facts)
    {
        Table = table;
        Work = work;
        Facts = facts;
        Filled = [.. Columns.Where(column => column.Fill is not null && !IsOneGo(column))];
        NewColumn[] synced = [.. Filled.Where(column => !Facts.IsSmall || NeedsGate(column))];
        Sync = synced.Length == 0 ? null : new SyncTrigger(table, synced, facts.Change, facts.Server);
    }

    public Table Table { get; }

    public ColumnWork Work { get; }

    public RoadFacts Facts { get; }

    public IReadOnlyList<NewColumn> Columns => Work.Columns;

    public IReadOnlyDictionary<string, EnforceTarget> Targets => Work.Targets;

    public IReadOnlyList<NewColumn> Filled { get; }

    public SyncTrigger? Sync { get; }

    public IEnumerable<NewColumn> Added => Columns.Where(column => !column.IsThere);

    /// <summary>Small tables' columns that existed before.</summary>
    public IEnumerable<NewColumn> SetNotNullAtOnce => Facts.IsSmall ? Columns.Where(column => column.IsThere) : [];

    public bool SyncsUpdatesLater => Sync is { UpdatesLater: true } && !Facts.IsSmall;

    public FillRoad Fill => new(Table, Filled, Sync, [.. FillReads()]);

    public IEnumerable<Alteration> Altered(StageName stage) =>
        Work.Alterations.Where(alteration => alteration.Stage == stage);

    /// <summary>
    /// Rows of old code would lack the value, or would have it only through Segue, once contract drops the trigger or
    /// default.
    /// </summary>
    public static bool NeedsGate(NewColumn column) =>
        column.IsThere
        || column.IsDerived
        || column.HasTemporaryDefault
        || (column.Fill is not null && !column.HasDefault);

    /// <summary>On a small table a rewrite takes no time: the plain statement does everything.</summary>
    public bool IsOneGo(NewColumn column) =>
        Facts.IsSmall
        && (
            column.Change.Identity is not null
            || column is { TypeRewrites: true, Change: { Backfill: null, Derive: null, Generated: null } }
        );

    /// <summary>The column has values as soon as it exists or is filled: a constraint can be violated.</summary>
    public static bool HasValues(NewColumn column) =>
        column.Fill is not null
        || column.HasDefault
        || column.BackfillIsConstant
        || column.Change.Generated is not null;

    /// <summary>
    /// Without values there is nothing to prove: the server then accepts a foreign key without a scan.
    /// </summary>
    public bool HasForeignKeyAtOnce(NewColumn column) =>
        column.Change.References is not null && (Facts.IsSmall || !HasValues(column));

    /// <summary>Parents of the foreign keys that come with the columns.</summary>
    public IReadOnlyList<Table> ParentsAtOnce =>
        [
            .. Columns
                .Where(HasForeignKeyAtOnce)
                .Select(column => Targets[column.Name].ForeignKey!.Parent)
                .Where(parent => parent.Oid != Table.Oid)
                .DistinctBy(parent => parent.Oid),
        ];

    public IEnumerable<RelationLock> FillReads() => FillReads(_ => true);

    public IEnumerable<RelationLock> FillReads(Func<NewColumn, bool> where) =>
        Filled
            .Where(where)
            .SelectMany(column => column.Fill!.Reads)
            .Distinct()
            .Select(relation => Locks.On(relation, Locks.AccessShare));
}
