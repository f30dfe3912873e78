using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// UNIQUE or PRIMARY KEY on a table that has rows, without blocking: its index is built concurrently, then becomes the
/// constraint.
/// </summary>
/// <param name="words">UNIQUE or PRIMARY KEY.</param>
/// <param name="id">Begins the steps' ids.</param>
/// <param name="isUndone">False if dropping a column drops it.</param>
internal sealed class UniqueRoad(
    Table table,
    PlannedIndex index,
    PlannedConstraint constraint,
    string words,
    string id,
    bool isUndone
)
{
    private readonly Steps _steps = new(table);

    /// <summary>After the index's name, e.g. <c>DEFERRABLE</c>.</summary>
    public string Suffix { get; init; } = "";

    public IEnumerable<Step> Add()
    {
        OnlineStep build = _steps.BuildIndex($"{id}-index", index);
        yield return build with
        {
            Obstacle = new Obstacle(
                Conditions.Query(Conditions.Either(index.NameIsTaken, constraint.NameIsTaken)),
                build.Obstacle!.What
            ),
            Undo = isUndone ? [_steps.DropIndex($"{id}-index/undo", index)] : [],
        };
        yield return _steps.Exclusive(
            $"{id}-add",
            $"add {words} {constraint.Name} using its index",
            [
                $"ALTER TABLE {table.Sql} ADD CONSTRAINT {constraint.Sql} {words} USING INDEX "
                    + $"{Sql.Name(index.Name)}{Suffix}",
            ]
        ) with
        {
            Applied = Conditions.Query(constraint.Exists),
            Undo = isUndone
                ?
                [
                    _steps.DropConstraint(
                        $"{id}-add/undo",
                        $"drop {words} {constraint.Name}, with its index",
                        constraint
                    ),
                ]
                : [],
        };
    }
}
