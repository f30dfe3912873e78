using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Dependents;

/// <summary>
/// Tests on an empty copy of the table whether the dependents of the altered columns' types are the same after being
/// recreated, and how they look with the new types.
/// </summary>
/// <param name="searchPath">The plan's search path, for the new types.</param>
internal sealed class RecreationTrial(
    NpgsqlConnection connection,
    Table table,
    IReadOnlyList<Dependent> known,
    IReadOnlyList<string> searchPath,
    CancellationToken cancel
)
{
    private readonly DependentText _text = new(connection, cancel);
    private readonly TableCopy _copy = new(connection, table);
    private readonly Dependent[] _views = [.. known.Where(each => each.IsView)];
    private readonly HashSet<uint> _bare = [];
    private readonly string[] _schemas =
    [
        .. known.Select(each => each.Schema).OfType<string>().Prepend(table.Schema).Distinct(),
    ];

    /// <summary>Columns of the views that change their type, quoted where that is needed.</summary>
    public IReadOnlyList<string> Retyped { get; private set; } = [];

    /// <summary>CHECKs that must be proven again, as the server prints them with the new types.</summary>
    public IReadOnlyList<PlannedConstraint> Unproven { get; private set; } = [];

    /// <summary>Dependents that call other functions or operators with the new types, in words.</summary>
    public IReadOnlyList<(Dependent Of, string What)> CallOthers { get; private set; } = [];

    /// <returns>Why one would differ after being recreated.</returns>
    /// <param name="clauses">Of ALTER TABLE, which change the types.</param>
    public async Task<IReadOnlyList<Problem>> RunAsync(string title, IReadOnlyList<string> clauses)
    {
        _copy.Where = title;
        await _copy.TryAsync(
            "type",
            "Drop it first, and create it again afterwards.",
            async () =>
            {
                // Names without a schema resolve to the copies: pg_temp is searched first.
                await Printing.BeginAsync(connection, cancel);
                await LookInAsync(_schemas);
                _bare.UnionWith(
                    await connection.QueryAsync(
                        "SELECT oid FROM unnest($1) AS oid WHERE pg_table_is_visible(oid::oid)",
                        row => (uint)row.GetInt64(0),
                        cancel,
                        (object)_views.Select(view => (long)view.Oid).ToArray()
                    )
                );
                IReadOnlyList<ViewColumn> columns = await ColumnsAsync(known);
                IReadOnlyList<string> create = await CreateAsync(known);
                Image wanted = await DescribeAsync(known);
                await _copy.CreateWholeAsync(cancel);
                await ExecuteAsync(
                    known.Where(each => each.Kind == DependentKind.Check).Select(each => each.Drop(_copy.Sql))
                );
                await ExecuteAsync(create);
                await CompareAsync(wanted);

                IReadOnlyList<(Dependent Of, string Calls)> calls = await CallsAsync(await MadeAsync());
                await ExecuteAsync(Drop());
                await LookInAsync(searchPath);
                await ExecuteAsync(clauses.Select(clause => $"ALTER TABLE {_copy.Sql} {clause}"));
                await LookInAsync(_schemas);
                await ExecuteAsync(create);
                IReadOnlyList<Dependent> retyped = await MadeAsync();
                Retyped = [.. (await ColumnsAsync(retyped)).Except(columns).Select(column => column.Name)];
                CompareCalls(calls, await CallsAsync(retyped));
                Unproven = await UnprovenAsync();
            },
            cancel
        );
        return _copy.Problems;
    }

    private void CompareCalls(
        IReadOnlyList<(Dependent Of, string Calls)> before,
        IReadOnlyList<(Dependent Of, string Calls)> after
    )
    {
        CallOthers =
        [
            .. before
                .Zip(after)
                .Where(each => each.First.Calls != each.Second.Calls)
                .Select(each =>
                    (each.First.Of, $"{each.First.Of.Title} calls {each.Second.Calls} instead of {each.First.Calls}")
                ),
        ];
        if (CallOthers.Any(each => each.Of.Kind == DependentKind.Check))
        {
            IEnumerable<string> checks = CallOthers
                .Where(each => each.Of.Kind == DependentKind.Check)
                .Select(each => each.What);
            throw new ProbeException(
                $"with the new type a CHECK would mean something else: {string.Join("; ", checks)}."
            );
        }
    }

    private Task LookInAsync(IReadOnlyList<string> schemas) =>
        connection.ExecuteAsync("SELECT set_config('search_path', $1, true)", cancel, Sql.Names(schemas));

    /// <summary>
    /// A printed definition may differ from its source (an IN list's casts, parentheses). Then it is recreated from the
    /// printed one, which must print the same.
    /// </summary>
    private async Task CompareAsync(Image wanted)
    {
        IReadOnlyList<Dependent> first = await MadeAsync();
        Image made = await DescribeAsync(first);
        Refuse(wanted.Others, made.Others);
        if (!made.Printed.SequenceEqual(wanted.Printed))
        {
            IReadOnlyList<string> again = await CreateAsync(first);
            await ExecuteAsync(Drop());
            await ExecuteAsync(again);
            Refuse(made.Printed, (await DescribeAsync(await MadeAsync())).Printed);
        }
    }

    private static void Refuse(
        IReadOnlyList<(string Title, string Line)> wanted,
        IReadOnlyList<(string Title, string Line)> made
    )
    {
        (string Title, string Line)[] differing = [.. wanted.Except(made), .. made.Except(wanted)];
        if (differing.Length > 0)
        {
            throw new ProbeException(
                $"{string.Join(", ", differing.Select(each => each.Title).Distinct())} would differ "
                    + "after being recreated. Different: "
                    + $"{string.Join("; ", differing.Select(each => each.Line))}"
            );
        }
    }

    private Task<IReadOnlyList<string>> CreateAsync(IReadOnlyList<Dependent> of) =>
        _text.CreateAllAsync(of, OnCopy, IsBare);

    private IEnumerable<string> Drop() => known.Reverse().Select(each => each.Drop(OnCopy(each)));

    private async Task<Image> DescribeAsync(IReadOnlyList<Dependent> of)
    {
        List<(string, string)> printed = [];
        List<(string, string)> others = [];
        foreach (Dependent each in of)
        {
            foreach (DefinitionLine line in await _text.DescribeAsync(each, OnCopy(each), IsBare(each)))
            {
                (line.IsPrinted ? printed : others).Add((each.Title, line.Statement));
            }
        }

        return new Image(
            printed,
            [.. others, .. (await ColumnsAsync(of)).Select(column => (column.View, $"{column.Name} {column.Type}"))]
        );
    }

    private string OnCopy(Dependent each) =>
        each.IsView ? $"pg_temp.{Sql.Name(IsBare(each) ? each.Name : ProbeName(each))}" : _copy.Sql;

    private string ProbeName(Dependent each) => $"segue_probe_{Array.FindIndex(_views, view => view.Sql == each.Sql)}";

    /// <summary>
    /// The server prints its name without its schema, so it is tried under its own name. A view that another one of the
    /// same name hides is tried under another name, without rules and triggers.
    /// </summary>
    private bool IsBare(Dependent view) => _views.Any(each => each.Sql == view.Sql && _bare.Contains(each.Oid));

    /// <summary>The recreated objects.</summary>
    private async Task<IReadOnlyList<Dependent>> MadeAsync()
    {
        List<Dependent> made = [];
        foreach (Dependent each in known)
        {
            string oid = each.Kind switch
            {
                DependentKind.View => "SELECT $1::regclass::oid",
                DependentKind.Trigger =>
                    "SELECT oid FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = $2 AND NOT tgisinternal",
                DependentKind.Check => "SELECT oid FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2",
                DependentKind.Policy => "SELECT oid FROM pg_policy WHERE polrelid = $1::regclass AND polname = $2",
                _ => throw new InvalidOperationException($"{each.Title} cannot be recreated."),
            };
            made.Add(
                each with
                {
                    Oid = await connection.ScalarAsync<uint>(
                        oid,
                        cancel,
                        each.IsView ? [OnCopy(each)] : [OnCopy(each), each.Name]
                    ),
                }
            );
        }

        return made;
    }

    private async Task<IReadOnlyList<ViewColumn>> ColumnsAsync(IReadOnlyList<Dependent> of)
    {
        List<ViewColumn> all = [];
        foreach (Dependent view in of.Where(each => each.IsView))
        {
            all.AddRange(
                await connection.QueryAsync(
                    "SELECT format('%I.%I.%I', $2, $3, attname), format_type(atttypid, atttypmod) || ' ' "
                        + "|| attcollation FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0",
                    row => new ViewColumn(view.Title, row.GetString(0), row.GetString(1)),
                    cancel,
                    (long)view.Oid,
                    view.Schema,
                    view.Name
                )
            );
        }

        return all;
    }

    /// <summary>
    /// The users' own functions and operators that each calls. The server's own are the same for types that it converts
    /// without a rewrite.
    /// </summary>
    private async Task<IReadOnlyList<(Dependent Of, string Calls)>> CallsAsync(IReadOnlyList<Dependent> of)
    {
        List<(Dependent, string)> all = [];
        foreach (Dependent each in of)
        {
            all.Add(
                (
                    each,
                    await connection.ScalarAsync<string>(
                        """
                        SELECT coalesce(string_agg(o.identity, ', ' ORDER BY o.identity), 'none') FROM (
                          SELECT DISTINCT d.refclassid, d.refobjid FROM pg_depend d
                              WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)
                            AND (d.classid, d.objid) IN (SELECT $2::regclass, $1::oid
                                UNION SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE $2 = 'pg_class'
                                AND ev_class = $1::oid)) AS called
                        CROSS JOIN LATERAL pg_identify_object(called.refclassid, called.refobjid, 0) o
                        """,
                        cancel,
                        (long)each.Oid,
                        each.Catalog
                    ) ?? ""
                )
            );
        }

        return all;
    }

    private async Task<IReadOnlyList<PlannedConstraint>> UnprovenAsync()
    {
        await Printing.BeginAsync(connection, cancel);
        return await connection.QueryAsync(
            $"SELECT k.conname::text, {Printing.Of(PlannedCheck.Definition("k"))} FROM pg_constraint k WHERE "
                + "k.conrelid = $1::regclass AND k.conname IN (SELECT was.conname FROM pg_constraint was WHERE "
                + "was.convalidated AND was.oid::bigint = ANY ($2)) ORDER BY 1",
            row =>
                PlannedConstraint.Check(
                    table.Sql,
                    row.GetString(0),
                    new PlannedCheck(row.GetString(1), NamesColumn: true)
                ),
            cancel,
            _copy.Sql,
            known.Where(each => each.Kind == DependentKind.Check).Select(each => (long)each.Oid).ToArray()
        );
    }

    private async Task ExecuteAsync(IEnumerable<string> statements)
    {
        foreach (string statement in statements)
        {
            try
            {
                await connection.ExecuteAsync(statement, cancel);
            }
            catch (PostgresException error) when (Errors.Classify(error) is ErrorClass.Permanent)
            {
                throw new ProbeException(
                    $"{Errors.Describe(error)} The server rejected `{statement.ReplaceLineEndings(" ")}` "
                        + "on an empty copy."
                );
            }
        }
    }

    /// <param name="View">Its title.</param>
    /// <param name="Name">With its view and schema.</param>
    /// <param name="Type">With its collation.</param>
    private sealed record ViewColumn(string View, string Name, string Type);

    /// <summary>Lines that describe the objects, with the title of the object each belongs to.</summary>
    /// <param name="Printed">Definitions.</param>
    /// <param name="Others">Owners, privileges, options, comments; views' columns.</param>
    private sealed record Image(
        IReadOnlyList<(string Title, string Line)> Printed,
        IReadOnlyList<(string Title, string Line)> Others
    );
}
