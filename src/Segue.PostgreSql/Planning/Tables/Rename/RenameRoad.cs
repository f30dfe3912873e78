using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Rename;

/// <summary>The steps of <c>rename_table</c>: rename with a view, gate, drop of the view.</summary>
internal sealed class RenameRoad(Table table, string newName, StandIn view)
{
    private readonly Steps _steps = new(table);

    private static string Id => "expand/rename";

    /// <param name="dress">Statements that make the view like the table for its users.</param>
    public IReadOnlyList<StagedStep> Plan(IReadOnlyList<string> dress)
    {
        DdlStep rename = Rename(dress);
        return
        [
            new StagedStep(
                StageName.Expand,
                rename with
                {
                    Undo = [Back(rename)],
                    BlockedBy = new DependentChanges(view.New),
                }
            ),
            new StagedStep(StageName.Switch, Gate()),
            new StagedStep(StageName.Contract, DropView()),
        ];
    }

    private DdlStep Rename(IReadOnlyList<string> dress) =>
        new()
        {
            Id = _steps.IdOf(Id),
            Title = $"rename {table.Name} to {newName}, and create a view with the old name",
            PatientLocks = [Locks.Statement($"ONLY {view.Old}", Locks.ShareUpdateExclusive)],
            Locks = [Locks.Statement($"ONLY {view.Old}", Locks.AccessExclusive)],
            Statements = [view.RenameForth, view.Create, .. dress],
            Applied = Conditions.Query(view.Stands),
            Obstacle = new Obstacle(
                Conditions.Query(view.CannotBegin),
                $"after the change was planned, {table.Schema} got an object named {newName}, or "
                    + $"{table.Name} got other columns. In the first case rename or drop that object; in the "
                    + "second roll back and plan again"
            ),
            Impact = new Impact { Locks = [Locks.On(view.Old, Locks.AccessExclusive)], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };

    private DdlStep Back(DdlStep rename) =>
        rename with
        {
            Id = _steps.IdOf($"{Id}/undo"),
            Title = $"rename {newName} back to {table.Name}",
            // The view first, in the order of all its users: dropping it locks only the view, under the lock timeout
            // like any lock.
            PatientLocks = [Locks.Statement($"ONLY {view.New}", Locks.ShareUpdateExclusive)],
            Locks = [],
            Statements = [$"DROP VIEW IF EXISTS {view.Old}", view.RenameBack],
            Applied = Conditions.Query(view.WasNever),
            Obstacle = new Obstacle(
                Conditions.Query(view.CannotGoBack),
                $"{table.Schema}.{newName} and the view {table.Name} are not as this change "
                    + "created them, or an object was created that depends on the view. Restore them, or "
                    + "drop the dependent object"
            ),
            Impact = new Impact
            {
                Locks = [Locks.On(view.Old, Locks.AccessExclusive), Locks.On(view.New, Locks.AccessExclusive)],
                Cost = Cost.Metadata,
            },
        };

    private GateStep Gate() =>
        _steps.Gate(
            "switch/rename",
            $"wait until the app uses {newName}",
            new GateCondition(GateEvidence.NewNameUsed, [table.Name]) { By = newName, Relation = table.Sql }
        );

    private DdlStep DropView() =>
        new()
        {
            Id = _steps.IdOf("contract/rename"),
            Title = $"drop the view {table.Name}",
            Statements = [$"DROP VIEW {view.Old}"],
            Applied = Conditions.Query(view.IsGone),
            Obstacle = new Obstacle(
                Conditions.Query(view.CannotGo),
                $"{table.Schema}.{table.Name} is not the view that this change created, or an object "
                    + $"was created that depends on it and must use {newName} instead. Change or drop "
                    + "that"
            ),
            Impact = new Impact
            {
                Locks = [Locks.On(view.Old, Locks.AccessExclusive)],
                Cost = Cost.Metadata,
                Reversible = false,
            },
            Estimate = Estimates.Metadata(table),
        };
}
