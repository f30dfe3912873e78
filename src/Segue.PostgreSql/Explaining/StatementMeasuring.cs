using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>One statement on the copies, and its effects there.</summary>
internal sealed class StatementMeasuring(NpgsqlConnection connection, TableCopies copies, StatementText text)
{
    private Dictionary<uint, string> _names = [];

    /// <summary>New objects among the copies, by name.</summary>
    public IReadOnlyDictionary<string, string> Made { get; init; } = new Dictionary<string, string>();

    /// <summary>The rows that it writes, estimated on the tables themselves.</summary>
    public IReadOnlyList<RowsWritten> Writes { get; init; } = [];

    /// <summary>Within the caller's transaction.</summary>
    public async Task ExecuteAsync(CancellationToken cancel) =>
        await connection.ExecuteAsync(await OnCopiesAsync(cancel), cancel);

    /// <param name="dependents">Objects that depend on the tables it names.</param>
    /// <param name="state">The state that must exist again afterwards; null for any.</param>
    public async Task<Explanation> RunAsync(
        IReadOnlyList<string> dependents,
        CatalogState? state,
        CancellationToken cancel
    )
    {
        await using NpgsqlTransaction trying = await connection.BeginTransactionAsync(cancel);
        string statement = await OnCopiesAsync(cancel);
        bool isQuery = StatementForms.IsQuery(text);
        CatalogFacts? before = isQuery ? null : await FactsAsync(cancel);
        MeasuredWork done = new(connection, copies.Originals);

        // A query is planned and not run: it takes the same locks, and calls no function.
        IReadOnlyList<RelationWork> work = await done.OfAsync(
            isQuery ? $"EXPLAIN {statement}" : statement,
            text.Begins("truncate"),
            cancel
        );
        IReadOnlyList<(uint Oid, string Mode, string? Real)> held = await HeldAsync(cancel);
        if (Elsewhere(held) is { } elsewhere)
        {
            return elsewhere;
        }

        CatalogFacts? after = before is null ? null : await FactsAsync(cancel);
        IReadOnlyList<string> calls = await CallsAsync(statement, cancel);
        IReadOnlyList<string> unknown = await new ReachedCode(connection).OfAsync(calls, cancel);
        if (await DifferencesAsync(state, cancel) is { Count: > 0 } left)
        {
            return NotTakenBack(left);
        }

        await trying.RollbackAsync(cancel);
        Measured measured = new(Sorted(held), before, after);
        StatementEffect effect = await EffectAsync(measured, cancel);
        IReadOnlyList<RelationWork> all = OmittedPartitions.Work(
            copies,
            [.. work, .. DefaultsRead(measured.Locks, done)]
        );
        bool rewrites = all.Any(each => each.Cost == Cost.Rewrite);
        IReadOnlyList<string> kinds = before is null ? [] : new KindsFor(before, after!).Of(rewrites);
        return new Explanation.Measured(
            effect with
            {
                Work = all,
                Dependents = dependents,
                SafeRoad = SafeRoads.Of(text, kinds, effect.Breaks),
                Calls = [.. calls, .. effect.Calls],
                Unknown = [.. unknown, .. effect.Unknown],
            }
        );
    }

    private async Task<IReadOnlyList<string>> CallsAsync(string statement, CancellationToken cancel)
    {
        string? query = StatementForms.IsQuery(text) ? statement : new StatementText(statement).FillingQuery();
        return query is null ? [] : await new VolatileCalls(connection).OfAsync(query, cancel);
    }

    private async Task<IReadOnlyList<string>> DifferencesAsync(CatalogState? state, CancellationToken cancel) =>
        state is null ? [] : state.Differences(await CatalogState.ReadAsync(connection, ofCopies: true, cancel));

    /// <summary>The strongest first.</summary>
    private RelationLock[] Sorted(IReadOnlyList<(uint Oid, string Mode, string? Real)> held) =>
        Locks.Sorted(OmittedPartitions.Locks(copies, Strongest(held)));

    /// <summary>What it breaks, writes and calls beyond itself; the tables themselves are asked.</summary>
    private async Task<StatementEffect> EffectAsync(Measured measured, CancellationToken cancel)
    {
        IReadOnlyList<Cascade> cascades = await CascadesAsync(cancel);
        CatalogDifference? difference = measured.Before is null
            ? null
            : new CatalogDifference(
                await WithPublishedAsync(measured.Before, cancel),
                await WithPublishedAsync(measured.After!, cancel),
                NameOf,
                OwnerOf
            );
        string writing = text.Begins("truncate") ? Locks.AccessExclusive : Locks.RowExclusive;
        IReadOnlyList<string> triggers = await TriggersAsync(
            [.. measured.Locks.Where(held => held.Mode == writing).Select(held => held.Relation)],
            cancel
        );
        return new StatementEffect
        {
            Locks = measured.Locks,
            Work = [],
            Dependents = [],
            SafeRoad = null,
            Calls = triggers,
            Unknown = await new ReachedCode(connection).OfAsync(triggers, cancel),
            Breaks =
            [
                .. difference?.Breaks() ?? [],
                .. Emptied(measured.Locks),
                .. EmptiedWith(cascades),
                .. StatementForms.IsQuery(text) ? SpokenHarms.OfCalls(text) : SpokenHarms.OfLocks(text, measured.Locks),
            ],
            Retyped = difference?.Retyped() ?? [],
            Writes = [.. Writes, .. DeletesAll ? cascades.Select(each => each.OfAll) : []],
            Cascades = [.. cascades.Select(each => each.Words)],
        };
    }

    /// <param name="Before">Null for a query.</param>
    private sealed record Measured(RelationLock[] Locks, CatalogFacts? Before, CatalogFacts? After);

    private async Task<CatalogFacts> FactsAsync(CancellationToken cancel) =>
        await CatalogFacts.ReadAsync(connection, ofCopies: true, cancel) with
        {
            Positions = await SequencePositions.OfCopiesAsync(connection, cancel),
        };

    private string NameOf(RelationFacts copy) =>
        copies.Originals.TryGetValue(copy.Name, out Table? table)
            ? PlainName.Of(table.Schema, table.Name)
            : PlainName.Of("", copy.Name);

    /// <summary>A temporary table is never published: the tables themselves are asked.</summary>
    private async Task<CatalogFacts> WithPublishedAsync(CatalogFacts facts, CancellationToken cancel)
    {
        IReadOnlySet<string> published = await Publications.AmongAsync(
            connection,
            [.. copies.Originals.Values.Select(table => table.Sql)],
            cancel
        );
        return facts with
        {
            Published = facts
                .Relations.Values.Where(copy =>
                    copies.Originals.TryGetValue(copy.Name, out Table? table) && published.Contains(table.Sql)
                )
                .Select(copy => copy.Oid)
                .ToHashSet(),
        };
    }

    private string OwnerOf(RelationFacts copy) =>
        copies.Originals.TryGetValue(copy.Name, out Table? table) ? table.Owner : copy.Owner;

    /// <summary>Tables whose rows are all deleted.</summary>
    private IEnumerable<Breakage> Emptied(RelationLock[] locks)
    {
        string[] emptied =
            text.Begins("truncate")
                ? [.. locks.Where(held => held.Mode == Locks.AccessExclusive).Select(held => held.Relation)]
            : DeletesAll ? [.. Writes.Where(rows => rows.Does == "deletes").Select(rows => rows.Relation)]
            : [];
        return emptied.Select(relation => new Breakage(BreakageKind.LosesData, $"all rows of {relation} are deleted"));
    }

    private bool DeletesAll => text.Begins("delete") && !text.Has("where");

    /// <summary>Effects of foreign keys on rows of other tables; the tables themselves are asked.</summary>
    private async Task<IReadOnlyList<Cascade>> CascadesAsync(CancellationToken cancel)
    {
        string[] deleted =
        [
            .. Writes
                .Where(rows => rows.Does == "deletes" || (rows.Does == "merges" && text.Has("delete")))
                .Select(rows => rows.Relation),
        ];
        return deleted.Length == 0 ? [] : await new Cascades(connection).OfAsync(deleted, cancel);
    }

    private IEnumerable<Breakage> EmptiedWith(IReadOnlyList<Cascade> cascades) =>
        cascades
            .Where(each => DeletesAll && each.Deletes)
            .Select(each => new Breakage(
                BreakageKind.LosesData,
                $"all rows of {each.Relation} that refer to {each.Parent} are deleted"
            ));

    /// <summary>
    /// The events that fire a trigger, from its type: source, <c>src/include/catalog/pg_trigger.h</c>.
    /// </summary>
    private int Events =>
        text switch
        {
            _ when text.Begins("insert") && !text.Has("conflict") => 4,
            _ when text.Begins("delete") => 8,
            _ when text.Begins("update") => 16,
            _ when text.Begins("truncate") => 32,
            _ when StatementForms.IsQuery(text) => 4 | 8 | 16,
            _ => 0,
        };

    /// <summary>Functions that writing rows of these relations calls.</summary>
    private Task<IReadOnlyList<string>> TriggersAsync(IReadOnlyList<string> written, CancellationToken cancel) =>
        connection.QueryAsync(
            """
            SELECT DISTINCT g.tgfoid::regprocedure::text FROM unnest($1) AS relation
                JOIN pg_trigger g ON g.tgrelid = to_regclass(relation) JOIN pg_proc p ON p.oid = g.tgfoid
            WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND (g.tgtype & $2) <> 0
                AND p.pronamespace NOT IN ('pg_catalog'::regnamespace,
                coalesce(to_regnamespace('segue'), 'pg_catalog'::regnamespace)) ORDER BY 1
            """,
            row => row.GetString(0),
            cancel,
            written.ToArray(),
            Events
        );

    public static Explanation.NotMeasured NotTakenBack(IReadOnlyList<string> left) =>
        new(
            new Problem(
                "explain",
                $"after `up` and then `down` some objects differ: {string.Join(", ", left.Take(5))}.",
                "Make `down` undo all of `up`; or leave `down` out, then the statement runs last, when "
                    + "the change cannot be rolled back any more."
            )
        );

    /// <summary>It renames a table: the statement that undoes this uses a name that does not exist yet.</summary>
    public static Explanation.NotMeasured Renames(string relation) =>
        new(
            new Problem(
                "explain",
                $"`up` gives {relation} another name, or another schema, so `down` names an object that "
                    + "does not exist yet and cannot be measured.",
                "`rename_table` renames a table and can be rolled back. Otherwise leave `down` out, "
                    + "then the statement runs last, when the change cannot be rolled back any more."
            )
        );

    /// <summary>The copy that was renamed; null for none.</summary>
    public async Task<Explanation.NotMeasured?> RenamedAsync(CancellationToken cancel)
    {
        IReadOnlyList<(uint Oid, string Name)> now = await connection.QueryAsync(
            "SELECT c.oid, c.relname::text FROM pg_class c WHERE c.oid::bigint = ANY ($1)",
            row => (row.GetFieldValue<uint>(0), row.GetString(1)),
            cancel,
            (object)_names.Keys.Select(oid => (long)oid).ToArray()
        );
        return now.FirstOrDefault(each => _names[each.Oid] != each.Name).Oid is > 0 and var oid
            ? Renames(Sql.Name(_names[oid]))
            : null;
    }

    /// <summary>The object it works on that has no copy; null for none.</summary>
    public async Task<Explanation.NotMeasured?> ElsewhereAsync(CancellationToken cancel) =>
        Elsewhere(await HeldAsync(cancel));

    private static Explanation.NotMeasured? Elsewhere(IReadOnlyList<(uint Oid, string Mode, string? Real)> held) =>
        held.FirstOrDefault(each =>
            each.Real is not null && Locks.Strength(each.Mode) > Locks.Strength(Locks.RowShare)
        ).Real
            is { } strong
            ? new Explanation.NotMeasured(
                new Problem(
                    "explain",
                    $"it works on {strong}, of which Segue made no copy.",
                    "Explain the statement that does that separately."
                )
            )
            : null;

    private async Task<string> OnCopiesAsync(CancellationToken cancel)
    {
        string statement = await NamedTables.OnCopiesAsync(connection, text, copies, cancel);
        _names = (
            await connection.QueryAsync(
                "SELECT c.oid, c.relname::text FROM pg_class c WHERE c.relnamespace = pg_my_temp_schema() "
                    + "AND c.relkind IN ('r', 'p')",
                row => (row.GetFieldValue<uint>(0), row.GetString(1)),
                cancel
            )
        ).ToDictionary();
        await connection.ExecuteAsync(
            "SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)",
            cancel
        );
        return statement;
    }

    private IReadOnlyList<RelationLock> Strongest(IReadOnlyList<(uint Oid, string Mode, string? Real)> held) =>
        [
            .. held.Select(each =>
                    (RelationOf(each.Oid) ?? each.Real) is { } relation ? Locks.On(relation, each.Mode) : null
                )
                .OfType<RelationLock>()
                .GroupBy(each => each.Relation)
                .Select(same => same.MaxBy(each => Locks.Strength(each.Mode))!),
        ];

    private string? RelationOf(uint oid) =>
        !_names.TryGetValue(oid, out string? name) ? null
        : copies.Originals.TryGetValue(name, out Table? table) ? table.Sql
        : Made.GetValueOrDefault(name);

    /// <summary>
    /// A new partition takes rows from the default one: the server scans that for such rows, and says so only if
    /// constraints make the scan unnecessary.
    /// </summary>
    private IEnumerable<RelationWork> DefaultsRead(RelationLock[] locks, MeasuredWork done) =>
        from copy in copies.Originals
        where
            text.MakesTable
            && text.Has("partition", "of")
            && copy.Value.Kind == 'r'
            && copies.Defaults.Contains(copy.Value.Sql)
            && !done.Skipped(copy.Key)
        where locks.Any(held => held.Relation == copy.Value.Sql && held.Mode == Locks.AccessExclusive)
        select MeasuredWork.On(copy.Value, Cost.Scan);

    /// <summary>With the names of those that are not copies.</summary>
    private Task<IReadOnlyList<(uint Oid, string Mode, string? Real)>> HeldAsync(CancellationToken cancel) =>
        connection.QueryAsync(
            $"""
            SELECT l.relation, upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \1', 'g'))),
                   CASE WHEN c.relnamespace <> pg_my_temp_schema() AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S')
                       AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') THEN {Sql.Qualified(
                "n.nspname",
                "c.relname"
            )} END
            FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation
                LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            row => (row.GetFieldValue<uint>(0), row.GetString(1), row.Nullable<string>(2)),
            cancel
        );
}
