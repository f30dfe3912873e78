using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>The proofs of new columns: values are complete, and constraints can be enforced.</summary>
internal sealed class ColumnProofs(RoadColumns road)
{
    private readonly Proofs _proofs = new(road.Table);

    public IEnumerable<VerifyStep> Steps()
    {
        string? repairedBy = road.Facts.IsSmall ? null : road.Fill.RepairedBy;
        VerifyCheck[] checks =
        [
            .. road.Filled.Select(column => _proofs.Filled(column) with { RepairedBy = repairedBy }),
            .. road.Facts.IsSmall ? [] : road.Columns.Where(HasConstraints).SelectMany(ConstraintProofs),
            .. road.Work.NotNulls.Select(column => _proofs.HasNoNull(column.Column, column.Condition)),
        ];
        if (checks.Length > 0)
        {
            string title =
                checks.Length == road.Filled.Count ? "compare every row"
                : road.Filled.Count == 0 ? "check for constraint violations"
                : "compare every row and check for constraint violations";
            yield return _proofs.Step(
                "verify/columns",
                title,
                checks,
                [.. road.FillReads(Proofs.Evaluates), .. road.Facts.IsSmall ? [] : ParentReads()]
            );
        }
    }

    private IEnumerable<RelationLock> ParentReads() =>
        road
            .Columns.Where(RoadColumns.HasValues)
            .Select(column => road.Targets[column.Name].ForeignKey?.Parent)
            .OfType<Table>()
            .Where(parent => parent.Oid != road.Table.Oid)
            .DistinctBy(parent => parent.Oid)
            .SelectMany(parent => Locks.OnAll(parent, Locks.AccessShare));

    public bool HasConstraints(NewColumn column) => RoadColumns.HasValues(column) && ConstraintProofs(column).Any();

    private IEnumerable<VerifyCheck> ConstraintProofs(NewColumn column)
    {
        if (column.Change.Check is not null)
        {
            yield return _proofs.Satisfies(column.Name, column.Change.Check);
        }

        if (road.Targets[column.Name].ForeignKey is { } key)
        {
            yield return _proofs.HasParent(key);
        }

        if (column.Change.Unique)
        {
            yield return _proofs.HasNoDuplicates(UniqueValues.Of(column.Name));
        }

        if (column.Index is { LongKeys.Count: > 0 })
        {
            yield return _proofs.FitsIndex(column.IndexName, [column.Sql], where: null);
        }
    }
}
