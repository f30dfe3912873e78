using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Constraints;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>Finds what knows the types of a table's altered columns, and tries on copies whether it comes again as it was.</summary>
/// <param name="title">The operation that changes a type.</param>
internal sealed class Carrying(Draft draft, Table table, string title)
{
    private readonly NpgsqlConnection _connection = draft.Connection;
    private readonly CancellationToken _cancel = draft.Cancel;
    private readonly DependentText _text = new(draft.Connection, draft.Cancel);

    /// <summary>Everything, or problems.</summary>
    /// <param name="clauses">Of ALTER TABLE, which change the types.</param>
    public async Task<CarriedOver> ResolveAsync(IReadOnlyList<string> columns, IReadOnlyList<string> clauses)
    {
        draft.AltersLater.AddRange(await _connection.QueryAsync(LinesQuery, row => row.GetString(0), _cancel, (long)table.Oid, columns.ToArray()));
        Dependent[] known = [.. (await Dependent.OfAsync(_connection, table.Sql, columns, _cancel)).OrderBy(each => each.Kind)];
        if (known.Length == 0)
        {
            return CarriedOver.None with { Obstacles = await ObstaclesAsync(columns) };
        }

        draft.Refused.AddRange(Objections(known, columns));
        Dependent[] views = [.. known.Where(each => each.IsView)];
        foreach (Dependent each in known.Where(each => each.Kind < DependentKind.Sync))
        {
            _ = draft.Take(each.IsView ? $"view {each.Schema}.{each.Name}" : $"{(each.Kind == DependentKind.Check ? "constraint" : Text.SnakeCase(each.Kind))} {table.Schema}.{table.Name} {each.Name}", title);
        }

        foreach (Dependent view in views)
        {
            draft.Refused.AddRange(await new Rights(_connection, table, draft.Server, _cancel).ToMakeAgainAsync(view, title));
        }

        if (draft.HasProblems || await TryAsync(known, clauses) is not { } tried)
        {
            return CarriedOver.None;
        }

        CarriedOver carried = new()
        {
            Titles = [.. known.Select(each => each.Title)],
            // To where it is: that locks the view alone, and changes nothing of what somebody else may have altered until then.
            LockStatements = [.. views.Reverse().Select(view => $"ALTER VIEW {view.Sql} SET SCHEMA {Sql.Name(view.Schema!)}")],
            Locks = [.. views.Reverse().Select(view => Locks.On(view.Sql, Locks.AccessExclusive)), .. await ReadAsync(known)],
            Drop = [.. known.Reverse().Select(each => Drop(each, OnTable(each)))],
            Create = await Printing.AsideAsync(_connection, async () =>
            {
                await Printing.BeginAsync(_connection, _cancel);
                return await CreateAsync(known, OnTable, _ => true);
            }, _cancel),
            Retyped = tried.Retyped,
            Unproven = tried.Unproven,
            Obstacles = await ObstaclesAsync(columns),
        };
        draft.AltersLater.AddRange(tried.Retyped.Select(column => $"column {column} "));
        draft.Hazards.Add(HazardOf(carried));
        return carried;
    }

    private IEnumerable<Problem> Objections(IReadOnlyList<Dependent> known, IReadOnlyList<string> columns)
    {
        string[] others = [.. known.Where(each => each.Kind == DependentKind.Other).Select(each => each.Title)];
        if (known.Any(each => each.Kind == DependentKind.Sync))
        {
            yield return new Problem(title, $"an unfinished change keeps {string.Join(", ", columns)} in step with old code.", "Complete that change first (`segue status` names it), or roll it back.");
        }
        else if (others.Length > 0)
        {
            yield return new Problem(
                title, $"the type of {string.Join(", ", columns)} is known to {string.Join("; ", others)}: that cannot be taken away and made again while apps work.", "Drop it first, and create it again afterwards.");
        }
    }

    private static string Drop(Dependent each, string relation) => each.Kind switch
    {
        DependentKind.View => $"DROP VIEW {relation}",
        DependentKind.Trigger => $"DROP TRIGGER {each.Sql} ON {relation}",
        DependentKind.Check => $"ALTER TABLE {relation} DROP CONSTRAINT {each.Sql}",
        _ => $"DROP POLICY {each.Sql} ON {relation}",
    };

    private string OnTable(Dependent each) => each.IsView ? each.Sql : table.Sql;

    private async Task<IReadOnlyList<string>> CreateAsync(IReadOnlyList<Dependent> known, Func<Dependent, string> relationOf, Func<Dependent, bool> withParts)
    {
        List<string> all = [];
        foreach (Dependent each in known)
        {
            all.AddRange(await _text.CreateAsync(each, relationOf(each)));
        }

        foreach (Dependent view in known.Where(each => each.IsView && withParts(each)))
        {
            all.AddRange(await _text.CreatePartsAsync(view, relationOf(view)));
        }

        return all;
    }

    /// <summary>The questions are asked again under the lock, so that nothing can come between.</summary>
    private async Task<IReadOnlyList<Obstacle>> ObstaclesAsync(IReadOnlyList<string> columns)
    {
        string signature = Dependent.Signature(table.Sql, columns);
        string? now = await Printing.AsideAsync(_connection, () => _connection.ScalarAsync<string>($"SELECT {signature}", _cancel), _cancel);
        string names = string.Join(", ", columns);
        return
        [
            new Obstacle(
                Conditions.Query(Dependent.IsKeptInStep(table.Sql, columns, draft.Change.Name)),
                $"another unfinished change keeps {table.Name}'s {names} in step with old code: `segue status` names it; complete it, or roll it back, first"),
            new Obstacle(
                Conditions.Query($"{signature} IS DISTINCT FROM {(now is null ? "NULL" : Sql.Literal(now))}"),
                $"a view, trigger, policy, CHECK or the like that knows the type of {table.Name}'s {names} was made, altered or dropped since the change was planned: `segue rollback` and plan anew"),
        ];
    }

    private static Hazard HazardOf(CarriedOver carried)
    {
        string retyped = carried.Retyped.Count == 0 ? "" : $" Its column{(carried.Retyped.Count == 1 ? "" : "s")} {string.Join(", ", carried.Retyped)} change{(carried.Retyped.Count == 1 ? "s" : "")} the type too.";
        string unproven = carried.Unproven.Count == 0 ? "" : $" {string.Join(", ", carried.Unproven.Select(check => check.Name))} hold{(carried.Unproven.Count == 1 ? "s" : "")} for every new row from the same moment, and {(carried.Unproven.Count == 1 ? "is" : "are")} proven for the others right after.";
        return new Hazard(
            "made-again",
            $"In the transaction that changes the type, {string.Join(", ", carried.Titles)} {(carried.Titles.Count == 1 ? "is" : "are")} dropped and made again by the server's own definition, with owner, rights, comments and all. Nobody sees it missing; its oid is another one.{retyped}{unproven}");
    }

    /// <summary>Null, with a problem, where one cannot be made again, or would be another than it was; else the views' columns that change their type, and the CHECKs that are to be proven again.</summary>
    private async Task<(IReadOnlyList<string> Retyped, IReadOnlyList<PlannedConstraint> Unproven)?> TryAsync(IReadOnlyList<Dependent> known, IReadOnlyList<string> clauses)
    {
        TableCopy copy = new(_connection, table) { Where = title };
        IReadOnlyList<string> retyped = [];
        IReadOnlyList<PlannedConstraint> unproven = [];
        bool goes = await copy.TryAsync("type", "Drop it first, and create it again afterwards.", async () =>
        {
            Dependent[] views = [.. known.Where(each => each.IsView)];
            await Printing.BeginAsync(_connection, _cancel);
            string[] schemas = [.. views.Select(view => view.Schema!).Prepend(table.Schema).Distinct()];
            await _connection.ExecuteAsync("SELECT set_config('search_path', $1, true)", _cancel, Sql.Names(schemas));
            string OnCopy(Dependent each) => each.IsView ? $"pg_temp.{Sql.Name(IsPrintedBare(each, views, schemas) ? each.Name : $"segue_probe_{each.Oid}")}" : copy.Sql;
            string[] all = [.. await CreateAsync(known, OnCopy, each => IsPrintedBare(each, views, schemas))];
            Dictionary<Dependent, IReadOnlyList<string>> wanted = [];
            foreach (Dependent each in known)
            {
                wanted.Add(each, await _text.DescribeAsync(each, each.Oid, OnCopy(each), IsPrintedBare(each, views, schemas)));
            }

            await copy.CreateWholeAsync(_cancel);
            await ExecuteAsync(known.Where(each => each.Kind == DependentKind.Check).Select(each => Drop(each, copy.Sql)));
            await ExecuteAsync(all);
            foreach (Dependent each in known)
            {
                IReadOnlyList<string> made = await _text.DescribeAsync(each, await MadeAsync(OnCopy(each), each), OnCopy(each), IsPrintedBare(each, views, schemas));
                if (!made.SequenceEqual(wanted[each]))
                {
                    throw new ProbeException($"{each.Title} would not come again as it is: {string.Join("; ", wanted[each].Except(made).Concat(made.Except(wanted[each])))}");
                }
            }

            IReadOnlyList<ViewColumn> before = await ColumnsAsync(views, OnCopy);
            await ExecuteAsync(known.Reverse().Select(each => Drop(each, OnCopy(each))));
            await ExecuteAsync(clauses.Select(clause => $"ALTER TABLE {copy.Sql} {clause}"));
            await ExecuteAsync(all);
            retyped = [.. (await ColumnsAsync(views, OnCopy)).Except(before).Select(column => column.Name)];
            unproven = await UnprovenAsync(copy, known);
        }, _cancel);
        draft.Refused.AddRange(copy.Problems);
        return goes ? (retyped, unproven) : null;
    }

    /// <summary>As the server prints them with the new type.</summary>
    private async Task<IReadOnlyList<PlannedConstraint>> UnprovenAsync(TableCopy copy, IReadOnlyList<Dependent> known)
    {
        await Printing.BeginAsync(_connection, _cancel);
        return await _connection.QueryAsync(
            $"SELECT k.conname::text, {PlannedCheck.Definition("k")} FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.conname IN (SELECT was.conname FROM pg_constraint was WHERE was.convalidated AND was.oid::bigint = ANY ($2)) ORDER BY 1",
            row => PlannedConstraint.Check(table.Sql, row.GetString(0), new PlannedCheck(row.GetString(1), NamesColumn: true)), _cancel, copy.Sql,
            known.Where(each => each.Kind == DependentKind.Check).Select(each => (long)each.Oid).ToArray());
    }

    private async Task ExecuteAsync(IEnumerable<string> statements)
    {
        foreach (string statement in statements)
        {
            await _connection.ExecuteAsync(statement, _cancel);
        }
    }

    /// <summary>Of namesakes the server prints the first of the search path without its schema: that one is tried under its own name, and found by it. The others are tried under another, without rules and triggers.</summary>
    private bool IsPrintedBare(Dependent view, IReadOnlyList<Dependent> views, string[] schemas) =>
        !views.Any(other => other.Name == view.Name && Array.IndexOf(schemas, other.Schema) < Array.IndexOf(schemas, view.Schema)) && !(view.Name == table.Name && view.Schema != table.Schema);

    private async Task<uint> MadeAsync(string relation, Dependent of) => await _connection.ScalarAsync<uint>(
        of.Kind switch
        {
            DependentKind.View => "SELECT $1::regclass::oid WHERE $2 IS NOT NULL",
            DependentKind.Trigger => "SELECT oid FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = $2 AND NOT tgisinternal",
            DependentKind.Check => "SELECT oid FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2",
            _ => "SELECT oid FROM pg_policy WHERE polrelid = $1::regclass AND polname = $2",
        },
        _cancel, relation, of.Name);

    private async Task<IReadOnlyList<ViewColumn>> ColumnsAsync(IReadOnlyList<Dependent> views, Func<Dependent, string> onCopy)
    {
        List<ViewColumn> all = [];
        foreach (Dependent view in views)
        {
            all.AddRange(await _connection.QueryAsync(
                "SELECT format('%I.%I.%I', $2, $3, attname), format_type(atttypid, atttypmod) || ' ' || attcollation FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0",
                row => new ViewColumn(row.GetString(0), row.GetString(1)), _cancel, onCopy(view), view.Schema, view.Name));
        }

        return all;
    }

    private sealed record ViewColumn(string Name, string Type);

    /// <summary>What the definitions name beside the table and each other.</summary>
    private async Task<IReadOnlyList<RelationLock>> ReadAsync(IReadOnlyList<Dependent> known)
    {
        IReadOnlyList<(string Relation, bool IsWritten)> read = await _connection.QueryAsync(
            """
            WITH definitions AS (
              SELECT 'pg_rewrite'::regclass AS class, oid, rulename <> '_RETURN' AS is_written FROM pg_rewrite WHERE ev_class::bigint = ANY ($1)
              UNION ALL SELECT 'pg_policy'::regclass, oid, false FROM pg_policy WHERE oid::bigint = ANY ($1))
            SELECT format('"%s"."%s"', replace(n.nspname, '"', '""'), replace(c.relname, '"', '""')), bool_or(definitions.is_written)
            FROM definitions JOIN pg_depend d ON d.classid = definitions.class AND d.objid = definitions.oid AND d.refclassid = 'pg_class'::regclass
            JOIN pg_class c ON c.oid = d.refobjid AND c.oid::bigint <> ALL ($1) JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY 1 ORDER BY 1
            """,
            row => (row.GetString(0), row.GetBoolean(1)), _cancel, (object)known.Select(each => (long)each.Oid).ToArray());
        return [.. read.Where(each => !table.AllRelations().Contains(each.Relation)).Select(each => Locks.On(each.Relation, each.IsWritten ? Locks.RowExclusive : Locks.AccessShare))];
    }

    /// <summary>How lines of the fingerprint begin that are printed otherwise with another type.</summary>
    private const string LinesQuery =
        """
        WITH t AS (SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS q, ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($2)) AS columns
                   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid)
        SELECT format('trigger %s.%I ', q, g.tgname) FROM t JOIN pg_trigger g ON g.tgrelid = t.oid
          JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = g.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = ANY (t.columns)
        UNION SELECT format('constraint %s.%I ', q, k.conname) FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'c' AND k.conkey && t.columns
        """;
}
