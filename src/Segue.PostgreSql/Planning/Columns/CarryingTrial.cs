using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Planning.Constraints;

namespace Segue.PostgreSql.Planning.Columns;

/// <summary>On an empty copy of the table: whether what knows the altered columns' types comes again as it is, and what it is with the new types.</summary>
internal sealed class CarryingTrial(NpgsqlConnection connection, Table table, IReadOnlyList<Dependent> known, CancellationToken cancel)
{
    private readonly DependentText _text = new(connection, cancel);
    private readonly TableCopy _copy = new(connection, table);
    private readonly Dependent[] _views = [.. known.Where(each => each.IsView)];
    private readonly string[] _schemas = [.. known.Select(each => each.Schema).OfType<string>().Prepend(table.Schema).Distinct()];

    /// <summary>Columns of the views that change their type, quoted where that is needed.</summary>
    public IReadOnlyList<string> Retyped { get; private set; } = [];

    /// <summary>CHECKs that are to be proven again, as the server prints them with the new types.</summary>
    public IReadOnlyList<PlannedConstraint> Unproven { get; private set; } = [];

    /// <returns>Why one would not come again as it is.</returns>
    /// <param name="clauses">Of ALTER TABLE, which change the types.</param>
    public async Task<IReadOnlyList<Problem>> RunAsync(string title, IReadOnlyList<string> clauses)
    {
        _copy.Where = title;
        await _copy.TryAsync("type", "Drop it first, and create it again afterwards.", async () =>
        {
            // Names without a schema mean the copies: they are looked for in pg_temp first.
            await Printing.BeginAsync(connection, cancel);
            await connection.ExecuteAsync("SELECT set_config('search_path', $1, true)", cancel, Sql.Names(_schemas));
            IReadOnlyList<ViewColumn> columns = await ColumnsAsync(known);
            IReadOnlyList<string> create = await CreateAsync(known);
            IReadOnlyList<DefinitionLine> wanted = await DescribeAsync(known);
            await _copy.CreateWholeAsync(cancel);
            await ExecuteAsync(known.Where(each => each.Kind == DependentKind.Check).Select(each => each.Drop(_copy.Sql)));
            await ExecuteAsync(create);
            await CompareAsync(wanted, columns);

            await ExecuteAsync(Drop());
            await ExecuteAsync(clauses.Select(clause => $"ALTER TABLE {_copy.Sql} {clause}"));
            await ExecuteAsync(create);
            Retyped = [.. (await ColumnsAsync(await MadeAsync())).Except(columns).Select(column => column.Name)];
            Unproven = await UnprovenAsync();
        }, cancel);
        return _copy.Problems;
    }

    /// <summary>A print may differ from what it was made from (an IN list's casts, parentheses): then it is made once more from that one, which must print the same.</summary>
    private async Task CompareAsync(IReadOnlyList<DefinitionLine> wanted, IReadOnlyList<ViewColumn> columns)
    {
        IReadOnlyList<Dependent> first = await MadeAsync();
        IReadOnlyList<DefinitionLine> made = await DescribeAsync(first);
        Refuse(wanted.Where(line => !line.IsPrinted), made.Where(line => !line.IsPrinted));
        Refuse(columns, await ColumnsAsync(first));
        if (!made.SequenceEqual(wanted))
        {
            IReadOnlyList<string> again = await CreateAsync(first);
            await ExecuteAsync(Drop());
            await ExecuteAsync(again);
            Refuse(made, await DescribeAsync(await MadeAsync()));
        }
    }

    private static void Refuse<T>(IEnumerable<T> wanted, IEnumerable<T> made)
    {
        T[] differing = [.. wanted.Except(made), .. made.Except(wanted)];
        if (differing.Length > 0)
        {
            throw new ProbeException($"what knows it would not come again as it is: {string.Join("; ", differing)}");
        }
    }

    private Task<IReadOnlyList<string>> CreateAsync(IReadOnlyList<Dependent> of) => _text.CreateAllAsync(of, OnCopy, IsBare);

    private IEnumerable<string> Drop() => known.Reverse().Select(each => each.Drop(OnCopy(each)));

    private async Task<IReadOnlyList<DefinitionLine>> DescribeAsync(IReadOnlyList<Dependent> of)
    {
        List<DefinitionLine> lines = [];
        foreach (Dependent each in of)
        {
            lines.AddRange(await _text.DescribeAsync(each, OnCopy(each), IsBare(each)));
        }

        return lines;
    }

    private string OnCopy(Dependent each) => each.IsView ? $"pg_temp.{Sql.Name(IsBare(each) ? each.Name : $"segue_probe_{Array.FindIndex(_views, view => view.Sql == each.Sql)}")}" : _copy.Sql;

    /// <summary>Of namesakes the server prints the first of the search path without its schema: that one is tried under its own name, and found by it. The others are tried under another, without rules and triggers.</summary>
    private bool IsBare(Dependent view) =>
        !_views.Any(other => other.Name == view.Name && Array.IndexOf(_schemas, other.Schema) < Array.IndexOf(_schemas, view.Schema)) && !(view.Name == table.Name && view.Schema != table.Schema);

    /// <summary>What was made in their image.</summary>
    private async Task<IReadOnlyList<Dependent>> MadeAsync()
    {
        List<Dependent> made = [];
        foreach (Dependent each in known)
        {
            string oid = each.Kind switch
            {
                DependentKind.View => "SELECT $1::regclass::oid WHERE $2 IS NOT NULL",
                DependentKind.Trigger => "SELECT oid FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname = $2 AND NOT tgisinternal",
                DependentKind.Check => "SELECT oid FROM pg_constraint WHERE conrelid = $1::regclass AND conname = $2",
                _ => "SELECT oid FROM pg_policy WHERE polrelid = $1::regclass AND polname = $2",
            };
            made.Add(each with { Oid = await connection.ScalarAsync<uint>(oid, cancel, OnCopy(each), each.Name) });
        }

        return made;
    }

    private async Task<IReadOnlyList<ViewColumn>> ColumnsAsync(IReadOnlyList<Dependent> of)
    {
        List<ViewColumn> all = [];
        foreach (Dependent view in of.Where(each => each.IsView))
        {
            all.AddRange(await connection.QueryAsync(
                "SELECT format('%I.%I.%I', $2, $3, attname), format_type(atttypid, atttypmod) || ' ' || attcollation FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0",
                row => new ViewColumn(row.GetString(0), row.GetString(1)), cancel, (long)view.Oid, view.Schema, view.Name));
        }

        return all;
    }

    private async Task<IReadOnlyList<PlannedConstraint>> UnprovenAsync()
    {
        await Printing.BeginAsync(connection, cancel);
        return await connection.QueryAsync(
            $"SELECT k.conname::text, {PlannedCheck.Definition("k")} FROM pg_constraint k WHERE k.conrelid = $1::regclass AND k.conname IN (SELECT was.conname FROM pg_constraint was WHERE was.convalidated AND was.oid::bigint = ANY ($2)) ORDER BY 1",
            row => PlannedConstraint.Check(table.Sql, row.GetString(0), new PlannedCheck(row.GetString(1), NamesColumn: true)), cancel, _copy.Sql,
            known.Where(each => each.Kind == DependentKind.Check).Select(each => (long)each.Oid).ToArray());
    }

    private async Task ExecuteAsync(IEnumerable<string> statements)
    {
        foreach (string statement in statements)
        {
            await connection.ExecuteAsync(statement, cancel);
        }
    }

    /// <param name="Name">With its view and schema.</param>
    /// <param name="Type">With its collation.</param>
    private sealed record ViewColumn(string Name, string Type);
}
