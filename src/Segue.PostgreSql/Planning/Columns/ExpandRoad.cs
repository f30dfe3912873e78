using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>The expand stage of one table's columns: one short transaction, and its undo.</summary>
internal sealed class ExpandRoad(RoadColumns road)
{
    private readonly Steps _steps = new(road.Table);

    public Step Step()
    {
        ExpandUndo undo = new(road);
        DdlStep step = _steps
            .Short(Mode, "expand", Title(), [.. new ExpandStatements(road).All()])
            .LockParents(road.ParentsAtOnce, Locks.ShareRowExclusive);
        bool isRewrite =
            road.Facts.IsSmall
            && road.Columns.Any(column => column.Fill is not null || column.TypeRewrites || road.IsOneGo(column));
        return step with
        {
            Applied = Conditions.Query(
                Conditions.All([
                    .. road.Columns.Select(column => Conditions.ColumnExists(road.Table.Sql, column.Name, column.Type)),
                    .. road.SetNotNullAtOnce.Select(column => Conditions.IsNotNull(road.Table.Sql, column.Name)),
                    .. road.Altered(StageName.Expand).Select(alteration => alteration.IsDone),
                    .. road.Sync is null
                        ? Array.Empty<string>()
                        : [road.Sync.Exists(withUpdates: !road.SyncsUpdatesLater)],
                ])
            ),
            Impact = step.Impact with
            {
                Locks = [.. step.Impact.Locks, .. road.Facts.IsSmall ? road.FillReads() : []],
                Cost = isRewrite ? Cost.Rewrite : Cost.Metadata,
            },
            Undo =
            [
                undo.Step(Mode),
                .. When(road.Sync, sync => Orphans.Drop(road.Table, sync.All, sync.Function, "expand")),
            ],
        };
    }

    private string Mode =>
        Locks.Strongest([
            .. When(road.Added.Any() || road.SetNotNullAtOnce.Any(), Locks.AccessExclusive),
            .. road.Sync is null ? Array.Empty<string>() : [Locks.ShareRowExclusive],
            .. road.Altered(StageName.Expand).Select(alteration => alteration.Mode),
        ]);

    private string Title()
    {
        string synced = road.Added.Any() ? "it" : string.Join(", ", road.Filled.Select(column => column.Name));
        string sync = road.Sync is null ? "" : $" and keep {synced} in sync with old code";
        string added = road.Added.Any()
            ? $"add {string.Join(", ", road.Added.Select(column => column.Name))} to {road.Table.Name}"
            : "";
        string[] parts =
        [
            .. When(added.Length > 0, added),
            .. road.Altered(StageName.Expand).Select(alteration => alteration.Title),
        ];
        return parts.Length > 0 ? string.Join(", ", parts) + sync : sync[" and ".Length..];
    }
}
