using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>When a table is dropped manually, its triggers are dropped with it, but not their functions.</summary>
internal static class Orphans
{
    /// <param name="function">One of them, qualified and quoted.</param>
    /// <param name="id">Of the step that created them.</param>
    public static OnlineStep Drop(Table table, OwnTriggers triggers, string function, string id) =>
        new()
        {
            Id = new Steps(table).IdOf($"{id}/undo-orphans"),
            Title = $"drop the sync functions of {table.Name}, if the table was dropped",
            Statement = triggers.DropFunctions(),
            Applied = Conditions.Query(triggers.FunctionsAreGone()),
            Obstacle = new Obstacle(
                Conditions.Query(triggers.AreUsed()),
                $"{table.Sql} does not exist, but its sync triggers do: it was renamed or moved. "
                    + "`SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgfoid = "
                    + $"'{function}'::regproc` finds it. Give it its old name again"
            ),
            Impact = new Impact { Locks = [], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };
}
