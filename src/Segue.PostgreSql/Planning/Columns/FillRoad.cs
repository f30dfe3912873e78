using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;
using Segue.PostgreSql.Planning.Rows;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// Fills a table's columns while apps read and write: first in batches, then updates are synced, then a second pass
/// checks every row.
/// </summary>
/// <param name="reads">Other relations that the expressions read.</param>
internal sealed class FillRoad(
    Table table,
    IReadOnlyList<NewColumn> columns,
    SyncTrigger? sync,
    IReadOnlyList<RelationLock> reads
)
{
    private readonly Steps _steps = new(table);

    /// <summary>Distinguishes fills of one table within a change; ends the steps' ids.</summary>
    public string Suffix { get; init; } = "";

    private string Names => string.Join(", ", columns.Select(column => column.Name));

    /// <summary>
    /// An initial value is first filled in batches. Then updates are synced, and a second pass fills rows that the
    /// first one missed.
    /// </summary>
    private bool SyncsUpdatesLater => sync is { UpdatesLater: true };

    /// <summary>The fill to run again for rows that it should have filled.</summary>
    public string RepairedBy => IdOf(SyncsUpdatesLater ? "backfill/sweep" : "backfill");

    public IEnumerable<Step> Steps()
    {
        yield return Backfill();
        if (SyncsUpdatesLater)
        {
            yield return SyncUpdates(sync!);
            yield return Sweep();
        }

        yield return _steps.Analyze($"backfill/analyze{Suffix}", columns.Select(column => column.Name));
    }

    private string IdOf(string id) => _steps.IdOf(id + Suffix);

    private BackfillStep Backfill() =>
        Fill(
            "backfill",
            $"fill {Names} of {table.Name} in small batches",
            rows =>
                table.IsPartitioned && !SyncsUpdatesLater
                    ? [.. rows.ForAll(), rows.For(table.Sql, table.Size, table.FillFactor)]
                    : rows.ForAll()
        );

    /// <summary>
    /// Mostly reads: fills rows that old code moved behind the first scan, or that came with a partition attached
    /// meanwhile.
    /// </summary>
    private BackfillStep Sweep() =>
        Fill(
            "backfill/sweep",
            $"second pass: fill rows of {table.Name} that changed during the backfill",
            rows => [rows.For(table.Sql, table.Size, table.FillFactor) with { Passes = InPlace.OnePass }]
        ) with
        {
            IsSweep = true,
            Estimate = Estimates.Scan(table),
        };

    private BackfillStep Fill(string id, string title, Func<RowStatements, IReadOnlyList<BackfillTarget>> statements)
    {
        IReadOnlyList<BackfillTarget> targets = statements(new FillStatements(table, columns).ByRanges);
        return new BackfillStep
        {
            Id = IdOf(id),
            Title = title,
            Targets = targets,
            Impact = new Impact { Locks = [.. FillLocks(targets), .. reads], Cost = Cost.Batches },
            Estimate = Estimates.Fill(table),
        };
    }

    /// <summary>
    /// A partition filled by its own name is written; the roots above it are only read, for the partition's bounds.
    /// </summary>
    private IEnumerable<RelationLock> FillLocks(IReadOnlyList<BackfillTarget> targets) =>
        targets.Any(target => target.Relation == table.Sql)
            ? Locks.OnAll(table, Locks.RowExclusive)
            : table
                .AllRelations()
                .Select(relation =>
                    Locks.On(
                        relation,
                        targets.Any(target => target.Relation == relation) ? Locks.RowExclusive : Locks.AccessShare
                    )
                );

    private DdlStep SyncUpdates(SyncTrigger trigger) =>
        _steps.Short(
            Locks.ShareRowExclusive,
            $"backfill/sync-updates{Suffix}",
            $"also sync {Names} on updates by old code",
            trigger.CreateUpdates()
        ) with
        {
            Applied = Conditions.Query(trigger.Exists(withUpdates: true)),
        };
}
