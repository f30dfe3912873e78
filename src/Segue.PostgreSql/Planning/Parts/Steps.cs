using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>Steps on one table, with their locks and costs.</summary>
internal sealed class Steps(Table table)
{
    /// <summary>A short transaction under ACCESS EXCLUSIVE on the table and its partitions.</summary>
    public DdlStep Exclusive(string id, string title, IEnumerable<string> statements) =>
        Short(Locks.AccessExclusive, id, title, statements);

    /// <summary>A short transaction under a lock on the table and its partitions.</summary>
    public DdlStep Short(string mode, string id, string title, IEnumerable<string> statements) =>
        new()
        {
            Id = IdOf(id),
            Title = title,
            PatientLocks = [Locks.Statement(table.Sql, Locks.ShareUpdateExclusive)],
            Locks = mode == Locks.ShareUpdateExclusive ? [] : [.. Locks.Statements(table, mode)],
            Statements = [.. statements],
            Impact = new Impact { Locks = Locks.OnAll(table, mode), Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };

    public OnlineStep Analyze(string id, IEnumerable<string> columns) =>
        new()
        {
            Id = IdOf(id),
            Title = $"collect statistics of {string.Join(", ", columns)}",
            Statement = $"ANALYZE {table.Sql} ({string.Join(", ", columns.Select(Sql.Name))})",
            Impact = new Impact { Locks = Locks.OnAll(table, Locks.ShareUpdateExclusive), Cost = Cost.Sample },
            Estimate = Estimates.Sample(table),
        };

    /// <summary>For all columns: statistics of several columns together need all of them.</summary>
    public OnlineStep Analyze(string id) =>
        Analyze(id, []) with
        {
            Title = $"collect statistics of {table.Name}",
            Statement = $"ANALYZE {table.Sql}",
        };

    /// <summary>
    /// A partition that was attached after the plan: the root's statement would work on it under its lock.
    /// </summary>
    /// <param name="what">The constraint, in words.</param>
    public Obstacle NewLeaf(string what, string someLeafLacks) =>
        new(
            Conditions.Query(someLeafLacks),
            $"a partition of {table.Name} that was attached after the plan was made has no {what} of "
                + $"its own, and the server would add and check it while nobody can use {table.Name}. Add it "
                + "to that partition; or roll back and plan again"
        );

    /// <summary>Reads every row under SHARE UPDATE EXCLUSIVE: blocks no app.</summary>
    public OnlineStep Validate(string id, string title, PlannedConstraint constraint) =>
        new()
        {
            Id = IdOf(id),
            Title = title,
            Statement = $"ALTER TABLE {table.Sql} VALIDATE CONSTRAINT {constraint.Sql}",
            Applied = Conditions.Query(constraint.IsValid),
            Impact = new Impact { Locks = Locks.OnAll(table, Locks.ShareUpdateExclusive), Cost = Cost.Scan },
            Estimate = Estimates.Scan(table),
        };

    /// <summary>The same for a CHECK or NOT NULL, which one scan proves together with others of the table.</summary>
    public OnlineStep ValidateRows(string id, string title, PlannedConstraint constraint) =>
        Validate(id, title, constraint) with
        {
            Proves = constraint.Sql,
        };

    /// <summary>Builds an index on one physical table without blocking an app.</summary>
    public OnlineStep BuildIndex(string id, PlannedIndex index) =>
        new()
        {
            Id = IdOf(id),
            Title = $"build {(index.IsUnique ? "unique " : "")}index {index.Name} concurrently",
            Statement = index.Create("CONCURRENTLY"),
            Applied = Conditions.Query(index.IsValid),
            Residue = new Residue(Conditions.Query(index.IsInvalid), $"DROP INDEX CONCURRENTLY {index.Sql}"),
            Obstacle = new Obstacle(
                Conditions.Query(index.NameIsTaken),
                $"{index.Sql} exists and does not belong to this change: it was created after the "
                    + "change was planned, and is not touched. Rename or drop it"
            ),
            Progress = $"""
                SELECT phase::text, greatest(blocks_done, tuples_done)::bigint AS done,
                    greatest(blocks_total, tuples_total)::bigint AS total, current_locker_pid
                FROM pg_catalog.pg_stat_progress_create_index WHERE relid = to_regclass({Sql.Literal(index.Table)})
                """,
            Impact = new Impact { Locks = [Locks.On(index.Table, Locks.ShareUpdateExclusive)], Cost = Cost.Build },
            Estimate = Estimates.Build(table),
        };

    public GateStep Gate(string id, string title, params IReadOnlyList<GateCondition> conditions) =>
        new()
        {
            Id = IdOf(id),
            Title = title,
            Policy = new GatePolicy { Conditions = conditions },
            Impact = new Impact { Locks = [], Cost = Cost.Wait },
        };

    public DdlStep DropConstraint(string id, string title, PlannedConstraint constraint) =>
        Exclusive(id, title, [$"ALTER TABLE {table.Sql} DROP CONSTRAINT IF EXISTS {constraint.Sql}"]) with
        {
            Applied = Conditions.Query(Conditions.Not(constraint.Exists)),
            Obstacle = Altered($"the constraint {constraint.Name}", constraint.IsAltered(table.Schema)),
        };

    /// <summary>Drops an index of one physical table without blocking an app.</summary>
    public OnlineStep DropIndex(string id, PlannedIndex index) =>
        new()
        {
            Id = IdOf(id),
            Title = $"drop index {index.Name} concurrently",
            Statement = $"DROP INDEX CONCURRENTLY IF EXISTS {index.Sql}",
            Applied = Conditions.Query(Conditions.Not(index.Exists)),
            Obstacle = Altered($"the index {index.Name}", index.NameIsTaken),
            Residue = new Residue(
                Conditions.Query(Conditions.IsInvalidIndex(index.Sql)),
                $"DROP INDEX CONCURRENTLY IF EXISTS {index.Sql}"
            ),
            Impact = new Impact { Locks = [Locks.On(index.Table, Locks.ShareUpdateExclusive)], Cost = Cost.Metadata },
            Estimate = Estimates.Metadata(table),
        };

    /// <summary>An object whose definition no longer shows that it is ours is neither dropped nor skipped.</summary>
    public Obstacle Altered(string what, string isAltered) =>
        new(
            Conditions.Query(isAltered),
            $"{what} of {table.Schema}.{table.Name} is not as this change created it: it, its table or "
                + "a column was altered or renamed later. Restore it, or drop the rest of it manually"
        );

    /// <summary>
    /// A missing table may have been renamed: another table with all its columns is taken as a sign of that.
    /// </summary>
    /// <param name="added">Columns that the change added.</param>
    public Obstacle Renamed(IReadOnlyList<string> added) =>
        new(
            Conditions.Query(
                $"""
                {Conditions.Not(Conditions.RelationExists(table.Sql))} AND EXISTS (SELECT FROM pg_catalog.pg_class c
                    WHERE c.relkind = '{table.Kind}'
                    AND NOT c.relispartition
                  AND ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0
                      AND NOT attisdropped) @>
                          ARRAY[{string.Join(", ", table.Columns.Concat(added).Select(Sql.Literal))}])
                """
            ),
            $"{table.Schema}.{table.Name} does not exist, and another table has all its columns, "
                + $"{string.Join(", ", added)} as well: it was renamed or moved. Give it its old name again; "
                + $"or, if that is another table, `CREATE TABLE {table.Sql} ()`"
        );

    public string IdOf(string id) => $"{id}/{table.Schema}.{table.Name}";
}
