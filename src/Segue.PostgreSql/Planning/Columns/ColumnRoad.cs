using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Constraints;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>
/// The whole road of one table's new and altered columns, top to bottom: one expand transaction, one backfill, one
/// verdict, each constraint online, one gate, one contract transaction.
/// </summary>
internal sealed class ColumnRoad(RoadColumns road)
{
    private readonly Steps _steps = new(road.Table);

    /// <summary>The stages of this table, in order.</summary>
    public IEnumerable<StagedStep> Plan()
    {
        if (road.Columns.Count > 0 || road.Altered(StageName.Expand).Any())
        {
            IEnumerable<string> altered = road.Altered(StageName.Expand).Select(alteration => alteration.Column);
            yield return From(StageName.Expand, new ExpandRoad(road).Step(), [.. Names(road.Columns), .. altered]);
        }

        foreach (Step step in road.Filled.Count > 0 && !road.Facts.IsSmall ? road.Fill.Steps() : [])
        {
            yield return From(StageName.Backfill, step, Names(road.Filled));
        }

        ColumnProofs proofs = new(road);
        foreach (VerifyStep proof in proofs.Steps())
        {
            IEnumerable<string> constrained = road.Facts.IsSmall
                ? []
                : Names(road.Columns.Where(proofs.HasConstraints));
            IEnumerable<string> notNull = road.Work.NotNulls.Select(column => column.Column);
            yield return From(StageName.Verify, proof, [.. Names(road.Filled), .. constrained, .. notNull]);
        }

        foreach ((string column, Step step) in EnforceSteps())
        {
            yield return From(StageName.Enforce, step, [column]);
        }

        if (WaitsFor().ToArray() is { Length: > 0 } conditions)
        {
            IEnumerable<string> altered = road
                .Work.Alterations.Where(alteration => alteration.WaitsFor is not null)
                .Select(alteration => alteration.Column);
            yield return From(
                StageName.Switch,
                _steps.Gate("switch", "wait until the app uses the new shape", conditions),
                [.. Names(road.Columns.Where(RoadColumns.NeedsGate)), .. altered]
            );
        }

        foreach (
            (IEnumerable<string> columns, Step step) in new ColumnContract(road.Table, road.Work, road.Sync).Steps()
        )
        {
            yield return From(StageName.Contract, step, columns);
        }
    }

    private StagedStep From(StageName stage, Step step, IEnumerable<string> columns) =>
        new(stage, step with { Operations = road.Work.From(columns) });

    private static IEnumerable<string> Names(IEnumerable<NewColumn> columns) => columns.Select(column => column.Name);

    private IEnumerable<(string Column, Step Step)> EnforceSteps()
    {
        IEnumerable<(string, Step)> added = road.Columns.SelectMany(column =>
            EnforceSteps(column).Select(step => (column.Name, step))
        );
        IEnumerable<(string, Step)> notNull = road.Work.NotNulls.SelectMany(column =>
            new CheckRoad(road.Table, road.Facts.Server, $"enforce/{column.Column}")
                .NotNull(column.Column, column.Name, column.Condition, isUndone: true)
                .Select(step => (column.Column, step))
        );
        return road.Facts.IsSmall ? notNull : added.Concat(notNull);
    }

    private IEnumerable<Step> EnforceSteps(NewColumn column)
    {
        Enforce enforce = new(road.Table, column, road.Targets[column.Name]);
        bool notNullLater = !column.Change.Nullable && !new AddColumnClauses(column).IsNotNullAtOnce;
        return
        [
            .. notNullLater ? enforce.NotNull() : [],
            .. column.Change.Check is not null ? enforce.Check() : [],
            .. column.Change.Index ? enforce.Index() : [],
            .. column.Change.Unique ? enforce.Unique() : [],
            .. column.Change.References is not null && !road.HasForeignKeyAtOnce(column) ? enforce.ForeignKey() : [],
        ];
    }

    private IEnumerable<GateCondition> WaitsFor()
    {
        NewColumn[] written = [.. road.Columns.Where(RoadColumns.NeedsGate)];
        if (written.Length > 0)
        {
            yield return new GateCondition(
                GateEvidence.WrittenByApp,
                [.. written.Select(column => $"{road.Table.Name}.{column.Name}")]
            )
            {
                Relation = road.Table.Sql,
            };
        }

        foreach (
            GateCondition condition in road
                .Work.Alterations.Select(alteration => alteration.WaitsFor)
                .OfType<GateCondition>()
        )
        {
            yield return condition with
            {
                Relation = road.Table.Sql,
            };
        }

        if (road.Work.Recreated.Retyped.Count > 0)
        {
            yield return new GateCondition(GateEvidence.PreparedAgain, [.. road.Work.Recreated.Retyped])
            {
                Relation = road.Table.Sql,
            };
        }
    }
}
