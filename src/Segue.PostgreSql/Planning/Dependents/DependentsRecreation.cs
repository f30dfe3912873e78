using Npgsql;
using Segue.Changes;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Dependents;

/// <summary>
/// Finds objects that depend on the types of a table's altered columns, and refuses those that cannot be dropped and
/// recreated.
/// </summary>
/// <param name="operation">The operation that changes a type; the first of several.</param>
internal sealed class DependentsRecreation(Draft draft, Table table, AlterColumn operation)
{
    private readonly NpgsqlConnection _connection = draft.Connection;
    private readonly CancellationToken _cancel = draft.Cancel;

    /// <summary>All of them, or problems.</summary>
    /// <param name="clauses">Of ALTER TABLE, which change the types.</param>
    public async Task<RecreatedDependents> ResolveAsync(IReadOnlyList<string> columns, IReadOnlyList<string> clauses)
    {
        Dependent[] known =
        [
            .. (await Dependent.OfAsync(_connection, table.Sql, columns, _cancel)).OrderBy(each => each.Kind),
        ];
        if (known.Length == 0)
        {
            return RecreatedDependents.None with { Obstacles = await ObstaclesAsync(columns) };
        }

        Dependent[] views = [.. known.Where(each => each.IsView)];
        draft.Refused.AddRange(Objections(known, columns));
        await ClaimAsync(known, views);
        RecreationTrial trial = new(_connection, table, known, draft.Server.SearchPath, _cancel);
        draft.Refused.AddRange(draft.HasProblems ? [] : await trial.RunAsync(operation.Title, clauses));
        if (draft.HasProblems)
        {
            return RecreatedDependents.None;
        }

        IReadOnlyList<RelationLock> read = await ReadAsync(known);
        RecreatedDependents recreated = new()
        {
            // Asking for its size waits for lock holders and needs no privilege. LOCK TABLE needs one, which the role
            // that completes the change may lack.
            Waits =
            [
                .. read.Select(each => $"SELECT pg_catalog.pg_relation_size({Sql.Literal(each.Relation)}::regclass)"),
            ],
            Titles = [.. known.Select(each => each.Title)],
            // Sets the schema it already has: that locks only the view, and changes nothing that another session may
            // have altered until then.
            LockStatements =
            [
                .. views.Reverse().Select(view => $"ALTER VIEW {view.Sql} SET SCHEMA {Sql.Name(view.Schema!)}"),
            ],
            Locks = [.. views.Reverse().Select(view => Locks.On(view.Sql, Locks.AccessExclusive)), .. read],
            Drop = [.. known.Reverse().Select(each => each.Drop(each.IsView ? each.Sql : table.Sql))],
            Create = await CreateAsync(known),
            Retyped = trial.Retyped,
            Unproven = trial.Unproven,
            Obstacles = await ObstaclesAsync(columns),
        };
        draft.Drift.ExpectBehindGate(trial.Retyped.Select(column => $"column {column} "));
        draft.Drift.ExpectBehindGate(await PrintedOtherwiseAsync(known));
        Warn(recreated, trial);
        return recreated;
    }

    private async Task ClaimAsync(IReadOnlyList<Dependent> known, IReadOnlyList<Dependent> views)
    {
        foreach (Dependent each in known.Where(each => each.Kind < DependentKind.Sync))
        {
            _ = draft.Plan.Claim(each.Claimed($"{table.Schema}.{table.Name}"), operation);
        }

        foreach (Dependent view in views)
        {
            draft.Refused.AddRange(
                await new Rights(_connection, table, draft.Server, _cancel).ToMakeAgainAsync(view, operation.Title)
            );
        }
    }

    private void Warn(RecreatedDependents recreated, RecreationTrial trial)
    {
        draft.Hazards.Add(HazardOf(recreated));
        draft.Hazards.AddRange(
            trial.CallOthers.Count == 0
                ? []
                :
                [
                    Hazard.Danger(
                        "calls-others",
                        "With the new type a name may resolve to another function: "
                            + $"{string.Join("; ", trial.CallOthers.Select(each => each.What))}. Plain SQL "
                            + "would do the same. Write the cast where that is not intended."
                    ),
                ]
        );
    }

    /// <summary>
    /// Printed with an empty search path, and created with one: a name without a schema is in pg_catalog, whatever the
    /// app's schemas contain then. An event trigger that relies on the session's search path would fail so; if there is
    /// one, both use the plan's path.
    /// </summary>
    private Task<IReadOnlyList<string>> CreateAsync(IReadOnlyList<Dependent> known) =>
        _connection.AsideAsync<IReadOnlyList<string>>(
            async () =>
            {
                await Printing.BeginAsync(_connection, _cancel);
                string path = await _connection.ScalarAsync<bool>(CountsOnPathQuery, _cancel)
                    ? Sql.Names(draft.Server.SearchPath)
                    : "";
                string set = $"SELECT set_config('search_path', {Sql.Literal(path)}, true)";
                await _connection.ExecuteAsync(set, _cancel);
                return
                [
                    set,
                    .. await new DependentText(_connection, _cancel).CreateAllAsync(
                        known,
                        each => each.IsView ? each.Sql : table.Sql,
                        _ => true
                    ),
                ];
            },
            _cancel
        );

    private const string CountsOnPathQuery = """
        SELECT EXISTS (SELECT FROM pg_event_trigger e JOIN pg_proc p ON p.oid = e.evtfoid WHERE e.evtenabled <> 'D'
            AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%'))
        """;

    private IEnumerable<Problem> Objections(IReadOnlyList<Dependent> known, IReadOnlyList<string> columns)
    {
        string[] others = [.. known.Where(each => each.Kind == DependentKind.Other).Select(each => each.Title)];
        if (known.Any(each => each.Kind == DependentKind.Sync))
        {
            yield return new Problem(
                operation.Title,
                $"an unfinished change still keeps {string.Join(", ", columns)} in sync with old code.",
                "Complete that change first, or roll it back."
            )
            {
                Next = [NextAction.Status(null)],
            };
        }
        else if (others.Length > 0)
        {
            yield return new Problem(
                operation.Title,
                $"the type of {string.Join(", ", columns)} is used by {string.Join("; ", others)}, which cannot be "
                    + "dropped and recreated while apps work.",
                "Drop it first, and create it again afterwards."
            );
        }
    }

    /// <summary>Asked again under the locks: only a GRANT, which takes no lock, could still come between.</summary>
    private async Task<IReadOnlyList<Obstacle>> ObstaclesAsync(IReadOnlyList<string> columns)
    {
        string signature = Dependent.Signature(table.Sql, columns);
        string? now = await _connection.AsideAsync(
            async () =>
            {
                await Printing.BeginAsync(_connection, _cancel);
                return await _connection.ScalarAsync<string>($"SELECT {signature}", _cancel);
            },
            _cancel
        );
        string names = string.Join(", ", columns);
        return
        [
            new Obstacle(
                Conditions.Query(Dependent.IsKeptInSync(table.Sql, columns, draft.Change.Name)),
                $"another unfinished change still keeps {names} of {table.Name} in sync with old code. "
                    + "Complete it or roll it back first"
            ),
            new Obstacle(
                Conditions.Query($"{signature} IS DISTINCT FROM {(now is null ? "NULL" : Sql.Literal(now))}"),
                "a view, trigger, policy, CHECK or another object that depends on the type of "
                    + $"{table.Name}'s {names} was created, altered or dropped after the change was planned. "
                    + "Restore it as it was (or roll back and plan again)"
            ),
        ];
    }

    private static Hazard HazardOf(RecreatedDependents recreated)
    {
        string retyped =
            recreated.Retyped.Count == 0
                ? ""
                : $" Its column{(recreated.Retyped.Count == 1 ? "" : "s")} "
                    + $"{string.Join(", ", recreated.Retyped)} change{(recreated.Retyped.Count == 1 ? "s" : "")} the "
                    + "type too.";
        string unproven =
            recreated.Unproven.Count == 0
                ? ""
                : $" {string.Join(", ", recreated.Unproven.Select(check => check.Name))} "
                    + $"hold{(recreated.Unproven.Count == 1 ? "s" : "")} for every new row from the same moment, and "
                    + $"{(recreated.Unproven.Count == 1 ? "is" : "are")} proven for the others right after.";
        return Hazard.Notice(
            "made-again",
            $"In the transaction that changes the type, {string.Join(", ", recreated.Titles)} "
                + $"{(recreated.Titles.Count == 1 ? "is" : "are")} dropped and recreated from the server's own "
                + "definition, with owner, privileges and comments. No session sees it missing; its oid "
                + $"changes.{retyped}{unproven}"
        );
    }

    /// <summary>Prefixes of fingerprint lines that are printed differently with another type.</summary>
    private async Task<IReadOnlyList<string>> PrintedOtherwiseAsync(IReadOnlyList<Dependent> known) =>
        await _connection.QueryAsync(
            "SELECT format('%s %I.%I.%I ', kind, $1, $2, name) FROM unnest($3, $4) AS known(kind, name)",
            row => row.GetString(0),
            _cancel,
            table.Schema,
            table.Name,
            known
                .Where(each => !each.IsView)
                .Select(each => each.Kind == DependentKind.Check ? "constraint" : Text.SnakeCase(each.Kind))
                .ToArray(),
            known.Where(each => !each.IsView).Select(each => each.Name).ToArray()
        );

    /// <summary>Other objects that the definitions name, besides the table and each other.</summary>
    private async Task<IReadOnlyList<RelationLock>> ReadAsync(IReadOnlyList<Dependent> known)
    {
        IReadOnlyList<(string Relation, bool IsWritten)> read = await _connection.QueryAsync(
            $"""
            WITH definitions AS (
              SELECT 'pg_rewrite'::regclass AS class, oid, rulename <> '_RETURN' AS is_written FROM pg_rewrite
                  WHERE ev_class::bigint = ANY ($1)
              UNION ALL SELECT 'pg_policy'::regclass, oid, false FROM pg_policy WHERE oid::bigint = ANY ($2))
            SELECT {Sql.Qualified("n.nspname", "c.relname")},
                bool_or(definitions.is_written)
            FROM definitions JOIN pg_depend d ON d.classid = definitions.class AND d.objid = definitions.oid
                AND d.refclassid = 'pg_class'::regclass
            JOIN pg_class c ON c.oid = d.refobjid AND c.oid::bigint <> ALL ($1)
                JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY 1 ORDER BY 1
            """,
            row => (row.GetString(0), row.GetBoolean(1)),
            _cancel,
            OidsOf(known, DependentKind.View),
            OidsOf(known, DependentKind.Policy)
        );
        return
        [
            .. read.Where(each => !table.AllRelations().Contains(each.Relation))
                .Select(each => Locks.On(each.Relation, each.IsWritten ? Locks.RowExclusive : Locks.AccessShare)),
        ];
    }

    private static long[] OidsOf(IReadOnlyList<Dependent> known, DependentKind kind) =>
        [.. known.Where(each => each.Kind == kind).Select(each => (long)each.Oid)];
}
