using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Constraints;

/// <summary>
/// CHECK and NOT NULL on a table that has rows, without blocking: added unproven, then proven online.
/// </summary>
/// <param name="id">Begins the steps' ids.</param>
internal sealed class CheckRoad(Table table, ServerFacts server, string id)
{
    private readonly Steps _steps = new(table);

    /// <param name="definition">The clause that begins with CHECK.</param>
    /// <param name="isUndone">False if dropping a column drops it.</param>
    public IEnumerable<Step> Check(PlannedConstraint check, string definition, bool isUndone)
    {
        yield return _steps.Exclusive(
            $"{id}/check-add",
            $"add CHECK {check.Name}, not yet proven",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {check.Sql} {definition} NOT VALID"]
        ) with
        {
            Applied = Conditions.Query(check.Exists),
            Undo = isUndone ? [_steps.DropConstraint($"{id}/check-add/undo", $"drop CHECK {check.Name}", check)] : [],
        };
        yield return _steps.ValidateRows($"{id}/check-validate", $"prove CHECK {check.Name}", check);
    }

    /// <param name="name">Of the constraint, from 18 on.</param>
    /// <param name="condition">The temporary CHECK up to 17.</param>
    /// <param name="isUndone">False if dropping the column drops it.</param>
    public IEnumerable<Step> NotNull(string column, string name, string condition, bool isUndone) =>
        server.Major >= 18 ? NotNullByConstraint(column, name, isUndone) : NotNullByCheck(column, condition, isUndone);

    /// <summary>
    /// From 18 on NOT NULL itself can be added unproven. SET NOT NULL on an unproven one would scan under the strong
    /// lock.
    /// </summary>
    private IEnumerable<Step> NotNullByConstraint(string column, string name, bool isUndone)
    {
        PlannedConstraint notNull = PlannedConstraint.NotNull(table.Sql, name, column);
        yield return _steps.Exclusive(
            $"{id}/not-null-add",
            $"add NOT NULL {column}, not yet proven",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {notNull.Sql} NOT NULL {Sql.Name(column)} NOT VALID"]
        ) with
        {
            Applied = Conditions.Query(notNull.Exists),
            Undo = isUndone
                ? [_steps.DropConstraint($"{id}/not-null-add/undo", $"drop NOT NULL {column}", notNull)]
                : [],
        };
        yield return _steps.ValidateRows($"{id}/not-null-validate", $"prove NOT NULL {column}", notNull);
    }

    /// <summary>Up to 17 a valid CHECK proves it, so that SET NOT NULL needs no scan.</summary>
    private IEnumerable<Step> NotNullByCheck(string column, string condition, bool isUndone)
    {
        PlannedConstraint check = PlannedConstraint.CheckOf(
            table.Sql,
            ObjectNames.NotNullCheck(column, table.Sql),
            column
        );
        string set = Conditions.IsNotNull(table.Sql, column);
        DdlStep dropCheck = _steps.DropConstraint(
            $"{id}/not-null-add/undo",
            $"drop the CHECK that {column} is not NULL",
            check
        );
        DdlStep dropNotNull = _steps.Exclusive(
            $"{id}/not-null-set/undo",
            $"drop NOT NULL {column}",
            [$"ALTER TABLE {table.Sql} ALTER COLUMN {Sql.Name(column)} DROP NOT NULL"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Not(set)),
        };
        yield return _steps.Exclusive(
            $"{id}/not-null-add",
            $"add a CHECK that {column} is not NULL, not yet proven",
            [$"ALTER TABLE {table.Sql} ADD CONSTRAINT {check.Sql} CHECK ({condition}) NOT VALID"]
        ) with
        {
            Applied = Conditions.Query(Conditions.Either(set, check.Exists)),
            Undo = isUndone ? [dropCheck] : [],
        };
        yield return _steps.ValidateRows($"{id}/not-null-validate", $"prove that {column} is not NULL", check) with
        {
            Applied = Conditions.Query(Conditions.Either(set, check.IsValid)),
        };
        yield return _steps.Exclusive(
            $"{id}/not-null-set",
            $"set {column} NOT NULL (proven by the CHECK), then drop the CHECK",
            [
                $"ALTER TABLE {table.Sql} ALTER COLUMN {Sql.Name(column)} SET NOT NULL",
                $"ALTER TABLE {table.Sql} DROP CONSTRAINT {check.Sql}",
            ]
        ) with
        {
            Applied = Conditions.Query(Conditions.All([set, Conditions.Not(check.Exists)])),
            Undo = isUndone ? [dropNotNull] : [],
        };
    }
}
