using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;

namespace Segue.PostgreSql.Planning.Statements;

/// <summary>
/// Runs the statement on empty copies of the tables it names, in a transaction that is rolled back, and reads from the server which locks it took there, which files it
/// replaced, and which tables it says it reads.
/// </summary>
internal sealed class StatementProbe(Database database) : IStatementProbe
{
    public Task<Explanation> ExplainAsync(string statement, CancellationToken cancel) => ExplainAsync(null, statement, cancel);

    /// <param name="before">What has run before it; null for nothing.</param>
    public async Task<Explanation> ExplainAsync(string? before, string statement, CancellationToken cancel)
    {
        StatementText text = new(statement);
        if (text.Objection() is { } objection)
        {
            return NotMeasured(objection, "Give one complete statement.");
        }

        if (StatementForms.Unmeasurable(text) is { } known)
        {
            return new Explanation.NotMeasured(known);
        }

        await using NpgsqlConnection connection = await database.OpenOwnAsync(cancel);
        await connection.ExecuteAsync("SELECT set_config('lock_timeout', '500ms', false), set_config('statement_timeout', '2s', false), set_config('client_min_messages', 'warning', false)", cancel);
        (IReadOnlyList<Table> tables, IReadOnlyList<(NamedInText, string)> replaced) = await NamedAsync(connection, text, cancel);
        StatementText earlier = new(before ?? "");
        (IReadOnlyList<Table> changed, IReadOnlyList<(NamedInText, string)> changes) = await NamedAsync(connection, earlier, cancel);
        if (text.Begins("drop", "table") && tables.FirstOrDefault(table => table.IsPartition) is { } part)
        {
            return NotMeasured($"{part.Schema}.{part.Name} is a partition: dropping it locks its root, of which this copy knows nothing.", "`detach_partition`, then `drop_table`.");
        }

        TableCopies copies = new(connection);
        try
        {
            if (await copies.CreateAsync([.. tables.UnionBy(changed, table => table.Oid)], cancel) is { } cannot)
            {
                return NotMeasured($"the statement cannot be tried on copies: {cannot}", "Name one of them at a time.");
            }

            if (before is not null)
            {
                await OnCopiesAsync(connection, earlier.With(changes), cancel);
            }

            return await MeasureAsync(connection, text, text.With(replaced), copies, cancel);
        }
        catch (PostgresException error) when (Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled)
        {
            return NotMeasured($"the server does not take it: {Errors.Describe(error)}", "Correct the statement.");
        }
    }

    private static Explanation.NotMeasured NotMeasured(string what, string remedy) => new(new Problem("explain", what, remedy));

    /// <summary>The tables it names, or whose indexes; and what to write for those that are qualified.</summary>
    private static async Task<(IReadOnlyList<Table> Tables, IReadOnlyList<(NamedInText, string)> Replaced)> NamedAsync(NpgsqlConnection connection, StatementText text, CancellationToken cancel)
    {
        Dictionary<uint, Table> tables = [];
        List<(NamedInText, string)> replaced = [];
        foreach (NamedInText name in text.Names(connection.Database!))
        {
            string quoted = name.Schema is null ? Sql.Name(name.Name) : Sql.Name(name.Schema, name.Name);
            IReadOnlyList<(string Schema, string Table, bool IsIndex)> found = await connection.QueryAsync(NamedQuery, row => (row.GetString(0), row.GetString(1), row.GetBoolean(2)), cancel, quoted);
            foreach ((string schema, string relation, bool isIndex) in found)
            {
                if (await CatalogReader.FindAsync(connection, new Changes.TableName(schema, relation), cancel) is { } table)
                {
                    tables[table.Oid] = table;
                    replaced.AddRange(name.Schema is null ? [] : [(name, $"pg_temp.{Sql.Name(isIndex ? name.Name : table.Name)}")]);
                }
            }
        }

        return ([.. tables.Values.Where(table => !tables.Values.Any(root => root.Partitions.Any(partition => partition.Sql == table.Sql)))], replaced);
    }

    private const string NamedQuery =
        """
        SELECT n.nspname::text, t.relname::text, c.relkind IN ('i', 'I') FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
        JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid) AND t.relkind IN ('r', 'p') AND t.relpersistence <> 't' JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE c.oid = to_regclass($1) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        """;

    /// <summary>For good, as far as the copies go.</summary>
    private static async Task OnCopiesAsync(NpgsqlConnection connection, string statement, CancellationToken cancel)
    {
        await using NpgsqlTransaction running = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(CopiesFirst, cancel);
        await connection.ExecuteAsync(statement, cancel);
        await running.CommitAsync(cancel);
    }

    private const string CopiesFirst = "SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)";

    private static async Task<Explanation> MeasureAsync(NpgsqlConnection connection, StatementText text, string statement, TableCopies copies, CancellationToken cancel)
    {
        await using NpgsqlTransaction trying = await connection.BeginTransactionAsync(cancel);
        await connection.ExecuteAsync(CopiesFirst, cancel);
        Dictionary<uint, string> names = (await connection.QueryAsync(
            "SELECT c.oid, c.relname::text FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema() AND c.relkind IN ('r', 'p')", row => (row.GetFieldValue<uint>(0), row.GetString(1)), cancel)).ToDictionary();
        WorkDone done = new(connection, copies.Originals);
        // A query is planned and not run: it takes the same locks, and what it calls is not called.
        IReadOnlyList<RelationWork> work = await done.OfAsync(StatementForms.IsQuery(text) ? $"EXPLAIN {statement}" : statement, text.Begins("truncate"), cancel);
        IReadOnlyList<(uint Oid, string Mode, string? Real)> held = await connection.QueryAsync(LocksQuery, row => (row.GetFieldValue<uint>(0), row.GetString(1), row.Nullable<string>(2)), cancel);
        await trying.RollbackAsync(cancel);

        RelationLock[] locks = [.. held.Select(each => names.TryGetValue(each.Oid, out string? copy) ? Locks.On(copies.Originals[copy].Sql, each.Mode) : each.Real is { } real ? Locks.On(real, each.Mode) : null).OfType<RelationLock>()
            .GroupBy(each => each.Relation).Select(same => same.MaxBy(each => Locks.Strength(each.Mode))!).OrderByDescending(each => Locks.Strength(each.Mode)).ThenBy(each => each.Relation, StringComparer.Ordinal)];
        locks = [.. locks, .. copies.Originals.Values.SelectMany(table => table.Partitions.Select(partition => partition.Sql)).Except(locks.Select(each => each.Relation)).SelectMany(missing => LikeSiblings(missing, copies, locks))];
        if (held.FirstOrDefault(each => each.Real is not null && Locks.Strength(each.Mode) > Locks.Strength(Locks.RowShare)).Real is { } strong)
        {
            return NotMeasured($"it works on {strong}, of which no copy was made.", "Explain the statement that does that by itself.");
        }

        IReadOnlyList<string> dependents = await connection.QueryAsync(DependentsQuery, row => row.GetString(0), cancel, copies.Originals.Values.Select(table => (long)table.Oid).Distinct().ToArray());
        StatementEffect effect = new() { Locks = locks, Work = work, Dependents = dependents, SafeRoad = null };
        return new Explanation.Measured(effect with { SafeRoad = effect.BlocksAnything || StatementForms.WritesRows(text) ? StatementForms.SafeRoad(text) : null });
    }

    /// <summary>Of a root's many partitions some are copied; the others are locked as those are.</summary>
    private static IEnumerable<RelationLock> LikeSiblings(string partition, TableCopies copies, IReadOnlyList<RelationLock> locks)
    {
        string[] siblings = [.. copies.Originals.Values.Where(table => table.Partitions.Any(each => each.Sql == partition)).SelectMany(table => table.Partitions).Select(each => each.Sql)];
        RelationLock[] copied = [.. locks.Where(each => siblings.Contains(each.Relation))];
        return copied.Length > 1 && copied.DistinctBy(each => each.Mode).Count() == 1 ? [Locks.On(partition, copied[0].Mode)] : [];
    }

    /// <summary>The strongest of each relation, by copy; of real ones with their names.</summary>
    private const string LocksQuery =
        """
        SELECT l.relation, upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g'))),
               CASE WHEN c.relnamespace <> pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'm', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') THEN format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')) END
        FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    private const string DependentsQuery =
        """
        SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid::bigint = ANY ($1) AND d.deptype IN ('n', 'a')
          AND d.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass, 'pg_publication_rel'::regclass)
        UNION SELECT format('trigger %s on %s', g.tgname, g.tgrelid::regclass) FROM pg_trigger g WHERE g.tgrelid::bigint = ANY ($1) AND NOT g.tgisinternal
        ORDER BY 1 LIMIT 20
        """;
}
