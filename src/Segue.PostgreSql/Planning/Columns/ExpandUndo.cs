using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Takes the expand stage back.</summary>
internal sealed class ExpandUndo(RoadColumns road)
{
    private readonly Steps _steps = new(road.Table);

    /// <param name="expandMode">The lock of the step that is taken back.</param>
    public DdlStep Step(string expandMode)
    {
        // Dropping a column drops its foreign key with it, which locks the parent as well.
        string mode = road.Added.Any() || road.Sync is not null ? Locks.AccessExclusive : expandMode;
        string title = road.Added.Any()
            ? $"drop {string.Join(", ", road.Added.Select(column => column.Name))} from {road.Table.Name}"
            : $"revert the alterations of {road.Table.Name}";
        return _steps
            .Short(mode, "expand/undo", title, [.. Statements()])
            .LockParents(road.ParentsAtOnce, Locks.AccessExclusive) with
        {
            Obstacle = road.Added.Any() ? _steps.Renamed([.. road.Added.Select(column => column.Name)]) : null,
            Applied = Conditions.Query(
                Conditions.Either(
                    Conditions.Not(Conditions.RelationExists(road.Table.Sql)),
                    Conditions.All([.. Undone()])
                )
            ),
        };
    }

    private IEnumerable<string> Statements()
    {
        string alter = $"ALTER TABLE {road.Table.Sql}";
        string[] dropped = [.. road.Added.Select(column => $"DROP COLUMN IF EXISTS {column.Sql}")];
        return
        [
            .. road.Sync?.All.Drop() ?? [],
            .. road.Altered(StageName.Expand).Reverse().Select(alteration => alteration.Undo!),
            .. road.SetNotNullAtOnce.Select(column => $"{alter} ALTER COLUMN {column.Sql} DROP NOT NULL"),
            // A CHECK is dropped with the column only if it names it; one that is added later has an undo of its own.
            .. road
                .Columns.Where(column => road.Facts.IsSmall && column.Check is { NamesColumn: false })
                .Select(column => $"{alter} DROP CONSTRAINT IF EXISTS {Sql.Name(column.Names.Check)}"),
            .. When(dropped.Length > 0, $"{alter}\n  {string.Join(",\n  ", dropped)}"),
            .. road
                .Columns.Where(column => column.TemporarySequence is not null)
                .Select(column => $"DROP SEQUENCE IF EXISTS {column.TemporarySequence}"),
        ];
    }

    private IEnumerable<string> Undone() =>
        [
            .. road.Added.Select(column => Conditions.Not(Conditions.ColumnExists(road.Table.Sql, column.Name))),
            .. road.SetNotNullAtOnce.Select(column =>
                Conditions.Not(Conditions.IsNotNull(road.Table.Sql, column.Name))
            ),
            .. road.Altered(StageName.Expand).Select(alteration => alteration.IsUndone!),
            .. road.Sync is null ? Array.Empty<string>() : [road.Sync.All.AreGone()],
        ];
}
