using Segue.Changes;

namespace Segue.Planning.Assembly;

/// <summary>Which operations of a change are planned together, and in which order.</summary>
internal static class Grouping
{
    /// <summary>
    /// Groups stand where the first of their operations does. New types come first: columns that need one may stand
    /// above it, together with other columns of their table.
    /// </summary>
    /// <param name="identity">What tells tables apart: two names of one table give the same.</param>
    public static IReadOnlyList<OperationGroup> Of(Change change, Func<TableName, string> identity)
    {
        List<OperationGroup> groups = [];
        HashSet<Operation> done = new(ReferenceEqualityComparer.Instance);
        IOrderedEnumerable<Operation> ordered = change.Operations.OrderBy(operation =>
            operation.Creates.Any(created => created is Creation.Type) ? 0 : 1
        );
        foreach (Operation operation in ordered.Where(operation => !done.Contains(operation)))
        {
            OperationGroup group = GroupOf(operation, change.Operations, identity);
            groups.Add(group);
            done.UnionWith(group.Operations);
        }

        return groups;
    }

    private static OperationGroup GroupOf(
        Operation first,
        IReadOnlyList<Operation> all,
        Func<TableName, string> identity
    ) =>
        first switch
        {
            ColumnOperation column => new OperationGroup.Columns([
                .. all.OfType<ColumnOperation>().Where(each => identity(each.Table) == identity(column.Table)),
            ]),
            DropTable => new OperationGroup.Drops([.. all.OfType<DropTable>()]),
            BackfillRows rows => new OperationGroup.Rows([
                .. all.SkipWhile(each => !ReferenceEquals(each, rows))
                    .TakeWhile(each => each is BackfillRows next && identity(next.Table) == identity(rows.Table))
                    .Cast<BackfillRows>(),
            ]),
            _ => new OperationGroup.Alone(first),
        };
}
