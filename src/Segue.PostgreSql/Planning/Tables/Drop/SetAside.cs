using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Tables.Drop;

/// <summary>Moves a table into a schema of its own, from where it is restored or purged.</summary>
internal sealed class SetAside(Table table, KeptTable kept, TimeSpan keep)
{
    private readonly Steps _steps = new(table);

    private static string Id => "contract/drop-table";

    private string What => $"{table.Schema}.{table.Name}";

    public DdlStep Step()
    {
        DdlStep away = _steps.Exclusive(Id, $"set table {table.Name} aside", [.. kept.Away()]);
        DdlStep ofKept = away with
        {
            PatientLocks = [Locks.Statement(kept.Sql, Locks.ShareUpdateExclusive)],
            Locks = [Locks.Statement(kept.Sql, Locks.AccessExclusive)],
            Impact = new Impact
            {
                Locks = [.. kept.Kept.Select(relation => Locks.On(relation, Locks.AccessExclusive))],
                Cost = Cost.Metadata,
            },
        };
        return away with
        {
            Applied = Conditions.Query(Conditions.RelationExists(kept.Sql)),
            Obstacle = Dependents.Obstacle(table, []),
            Undo = [Back(ofKept)],
            Retains = new Retention
            {
                What = What,
                Relation = kept.Sql,
                Seconds = (long)keep.TotalSeconds,
                Purge = Purge(ofKept),
            },
        };
    }

    private DdlStep Back(DdlStep ofKept) =>
        ofKept with
        {
            Id = _steps.IdOf($"{Id}/undo"),
            Title = $"restore table {table.Name}",
            Statements = [.. kept.Back()],
            Applied = Conditions.Query(
                Conditions.All([
                    Conditions.RelationExists(table.Sql),
                    Conditions.Not(Conditions.RelationExists(kept.Sql)),
                ])
            ),
            Obstacle = new Obstacle(
                Conditions.Query(
                    Conditions.Either(
                        Conditions.Not(Conditions.RelationExists(kept.Sql)),
                        Conditions.RelationExists(table.Sql)
                    )
                ),
                $"{What} cannot be restored: its kept copy does not exist any more (purged, or "
                    + "dropped manually), or another object has its name and must be renamed first"
            ),
        };

    private DdlStep Purge(DdlStep ofKept) =>
        ofKept with
        {
            Id = _steps.IdOf($"{Id}/purge"),
            Title = $"drop {What} permanently",
            Statements = [.. kept.Gone()],
            Applied = Conditions.Query(Conditions.Not(Conditions.RelationExists(kept.Sql))),
            Impact = ofKept.Impact with { Reversible = false },
        };
}
