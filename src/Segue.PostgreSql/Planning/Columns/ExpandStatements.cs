using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>The statements of the expand stage's transaction.</summary>
internal sealed class ExpandStatements(RoadColumns road)
{
    public IEnumerable<string> All()
    {
        foreach (NewColumn column in road.Columns.Where(column => column.TemporarySequence is not null))
        {
            yield return (
                $"CREATE SEQUENCE {column.TemporarySequence} AS {column.Type} "
                + $"{SequenceText.Options(column.Change.Identity!)}"
            ).TrimEnd();
            // An identity needs no privilege on its sequence; a default that calls nextval does, for every role that
            // inserts.
            yield return $"GRANT USAGE ON SEQUENCE {column.TemporarySequence} TO PUBLIC";
        }

        if (road.Added.Any())
        {
            yield return $"ALTER TABLE {road.Table.Sql}\n  "
                + $"{string.Join(",\n  ", road.Added.Select(column => $"ADD COLUMN {Definition(column)}"))}";
        }

        string[] defaults = [.. road.Added.SelectMany(DefaultsAfterwards)];
        if (defaults.Length > 0)
        {
            yield return $"ALTER TABLE {road.Table.Sql}\n  {string.Join(",\n  ", defaults)}";
        }

        foreach (Alteration alteration in road.Altered(StageName.Expand))
        {
            yield return alteration.Statement;
        }

        foreach (
            string statement in road.Sync?.Create(road.Facts.ChangeOwner, withUpdates: !road.SyncsUpdatesLater) ?? []
        )
        {
            yield return statement;
        }

        foreach (NewColumn column in road.Columns.Where(column => column.Change.Comment is not null))
        {
            yield return $"COMMENT ON COLUMN {road.Table.Sql}.{column.Sql} IS {Sql.Literal(column.Change.Comment!)}";
        }

        foreach (string statement in road.Facts.IsSmall ? SmallTable() : [])
        {
            yield return statement;
        }
    }

    private string Definition(NewColumn column)
    {
        AddColumnClauses clauses = new(column);
        string reference =
            road.HasForeignKeyAtOnce(column) && !road.Facts.IsSmall
                ? clauses.References(road.Targets[column.Name])
                : "";
        return (road.IsOneGo(column) ? clauses.InOneGo() : clauses.MetadataOnly()) + reference;
    }

    /// <summary>Old rows keep the value the column was added with; new rows get the author's default.</summary>
    private IEnumerable<string> DefaultsAfterwards(NewColumn column)
    {
        string alter = $"ALTER COLUMN {column.Sql}";
        if (column.TemporarySequence is not null)
        {
            yield return $"{alter} SET DEFAULT {column.Fill!.Expression}";
        }
        else if (
            column.Change.Default is { } expression
            && (column.Fill is not null && !road.IsOneGo(column) || column.BackfillIsConstant)
        )
        {
            yield return $"{alter} SET DEFAULT {Sql.Parenthesised(expression)}";
        }
        else if (
            column.BackfillIsConstant
                ? !column.HasTemporaryDefault
                : column.TypeHasDefault && column.Fill is not null && !road.IsOneGo(column)
        )
        {
            yield return $"{alter} DROP DEFAULT";
        }
    }

    /// <summary>Everything at once: the table is so small that nobody has to wait.</summary>
    private IEnumerable<string> SmallTable()
    {
        foreach (IReadOnlyList<NewColumn> together in FilledTogether())
        {
            yield return new FillStatements(road.Table, together).FillAll();
        }

        if (road.Filled.Count > 0)
        {
            yield return "SET CONSTRAINTS ALL IMMEDIATE";
        }

        foreach (NewColumn column in road.Columns)
        {
            foreach (
                string statement in new AddColumnClauses(column).SmallTable(
                    road.Table,
                    road.Targets[column.Name],
                    road.IsOneGo(column)
                )
            )
            {
                yield return statement;
            }
        }
    }

    /// <summary>
    /// A statement reads every column as it was before: an expression that reads another filled column comes after
    /// that.
    /// </summary>
    private IEnumerable<IReadOnlyList<NewColumn>> FilledTogether()
    {
        for (IReadOnlyList<NewColumn> left = road.Filled; left.Count > 0; )
        {
            NewColumn[] first =
            [
                .. left.Where(column =>
                    !left.Any(other => other != column && column.Fill!.Sources.Contains(other.Name))
                ),
            ];
            IReadOnlyList<NewColumn> next = first.Length > 0 ? first : left;
            yield return next;
            left = [.. left.Except(next)];
        }
    }
}
