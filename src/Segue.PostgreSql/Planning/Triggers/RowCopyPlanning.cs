using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>
/// Whether the functions of a table's triggers tolerate another column, or one less: those that copy whole rows by the
/// positions of their columns may not.
/// </summary>
internal sealed class RowCopyPlanning(Draft draft, Table table)
{
    private const string NameColumns = "Make the function name the columns it writes";

    private readonly SortedSet<string> _values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unread = new(StringComparer.Ordinal);
    private readonly List<string> _untried = [];

    /// <param name="added">In the order in which they are added.</param>
    public Task CheckAsync(IReadOnlyList<NewColumn> added)
    {
        string[] names = [.. added.Select(column => column.Name)];
        return CheckAsync(
            new RowChange(added[0].Title, $"With {string.Join(", ", names)} added", "another column", "from expand on")
            {
                Make = async copy =>
                {
                    foreach (NewColumn column in added)
                    {
                        await copy.AddAsync(column, draft.Cancel);
                    }
                },
                Shift = (before, after) => after.ShiftFrom(before, names),
                Remedy =
                    $"{NameColumns}; or add the same columns to the table it writes to, by operations of "
                    + "this change before this one.",
            }
        );
    }

    /// <param name="title">The operation that drops it.</param>
    public Task CheckWithoutAsync(string column, string title) =>
        CheckAsync(
            new RowChange(title, $"Without {column}", "one column less", "once it is dropped")
            {
                Make = copy =>
                    draft.Connection.ExecuteAsync(
                        $"ALTER TABLE {copy.Sql} DROP COLUMN {Sql.Name(column)}",
                        draft.Cancel
                    ),
                Shift = (before, after) => after.ShiftWithout(before, column),
                Remedy = $"{NameColumns}.",
            }
        );

    private async Task CheckAsync(RowChange change)
    {
        TriggerFunctions triggers = new(draft.Connection, table);
        IReadOnlyList<TriggerFunction> functions = await triggers.FindAsync(draft.Cancel);
        if (functions.Count == 0)
        {
            return;
        }

        await draft.Connection.AsideAsync(() => CompareAsync(functions, change), draft.Cancel);
        draft.Hazards.AddRange(Hazards(change));
    }

    private async Task<bool> CompareAsync(IReadOnlyList<TriggerFunction> functions, RowChange change)
    {
        TableCopy copy = new(draft.Connection, table);
        await copy.CreateAsync(draft.Cancel);
        RowCopyProbe probe = new(draft.Connection, copy, await CopyOthersAsync());
        List<(TriggerFunction Function, string Statement, string Asked, WrittenColumns? Written)> copies = [];
        foreach (TriggerFunction function in functions)
        {
            _values.UnionWith(RowCopies.Values(function.Source).Select(call => $"{call} in {function.Signature}"));
            _unread.UnionWith(function.CanBeRead ? [] : [$"{function.Title} ({function.Language})"]);
            foreach (
                (string statement, TriggerFunction by) in function.CanBeRead
                    ? await StatementsAsync(probe, function)
                    : []
            )
            {
                (string asked, WrittenColumns? written, _) = await probe.ReadAsync(statement, by, draft.Cancel);
                copies.Add((by, statement, asked, written));
            }
        }

        await change.Make(copy);
        foreach ((TriggerFunction function, string statement, string asked, WrittenColumns? written) in copies)
        {
            await CompareAsync(probe, change, function, statement, asked, written);
        }

        return true;
    }

    /// <summary>
    /// Statements in its text, and those that it builds from constants and the table's name and executes.
    /// </summary>
    private async Task<IReadOnlyList<(string Statement, TriggerFunction Function)>> StatementsAsync(
        RowCopyProbe probe,
        TriggerFunction function
    )
    {
        List<(string Statement, TriggerFunction Function)> statements =
        [
            .. RowCopies.Inserts(function.Source).Select(insert => (insert, function)),
        ];
        TriggerFunction executing = function with { Rows = [.. Enumerable.Range(1, 9).Select(n => $"${n}")] };
        foreach (string expression in RowCopies.Executed(function.Source))
        {
            if (
                RowCopies.WithTable(expression, table.Schema, table.Name) is { } text
                && await probe.TextAsync(text, draft.Cancel) is { } executed
            )
            {
                statements.AddRange(RowCopies.Inserts(executed).Select(insert => (insert, executing)));
            }
            else
            {
                _untried.Add($"{function.Title}: `EXECUTE {OneLine(expression)}`");
            }
        }

        return statements;
    }

    private static string OneLine(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Tables to which the change adds columns before this one, with those columns.</summary>
    private async Task<IReadOnlyList<Table>> CopyOthersAsync()
    {
        List<Table> others = [];
        foreach (
            IReadOnlyList<NewColumn> columns in draft
                .Columns.Where(each => each.Key != table.Oid)
                .Select(each => each.Value)
        )
        {
            if (columns.Count > 0 && await FindAsync(columns[0]) is { } other && other.Name != table.Name)
            {
                _ = await draft.CopyAsync(other, columns[0].Title);
                others.Add(other);
            }
        }

        return others;
    }

    private Task<Table?> FindAsync(NewColumn column) =>
        CatalogReader.FindAsync(draft.Connection, column.Change.Table, draft.Cancel);

    private async Task CompareAsync(
        RowCopyProbe probe,
        RowChange change,
        TriggerFunction function,
        string statement,
        string asked,
        WrittenColumns? before
    )
    {
        string text = OneLine(statement);
        if (before is null)
        {
            _untried.Add($"{function.Title}: `{text}`");
            return;
        }

        (WrittenColumns? after, PostgresException? error) = await probe.AskAsync(asked, function, draft.Cancel);
        string copies = $"{function.Title} copies whole rows of {table.Name}: `{text}`.";
        if (error is not null)
        {
            draft.Refused.Add(
                new Problem(
                    change.Title,
                    $"{copies} {change.How}, the server rejects that: "
                        + $"{Errors.Sentence(error.MessageText)} Every statement that fires the trigger would fail.",
                    change.Remedy
                )
            );
        }
        else if (after is not null && change.Shift(before, after) is { } shift)
        {
            draft.Refused.Add(
                new Problem(
                    change.Title,
                    $"{copies} {change.How}, values would be written to other columns, without an error: {shift}.",
                    $"{NameColumns}, as in `INSERT INTO ... ({string.Join(", ", before.Columns)}) "
                        + $"SELECT {string.Join(", ", before.Values)}`."
                )
            );
        }
    }

    private IEnumerable<Hazard> Hazards(RowChange change)
    {
        if (_untried.Count > 0)
        {
            yield return Hazard.Danger(
                "triggers-copy-rows",
                $"These statements copy whole rows of {table.Name}, and Segue could not test them with "
                    + $"{change.What}: {string.Join("; ", _untried)}. If one relies on the order of columns, "
                    + "every statement that fires its trigger fails, or writes into the wrong columns, "
                    + $"{change.From}. {NameColumns}, or test the change on a copy of the database first."
            );
        }

        if (_values.Count > 0)
        {
            yield return Hazard.Danger(
                "whole-row-values",
                $"Triggers of {table.Name} put whole rows into one value: {string.Join(", ", _values)}. "
                    + $"Code that reads these values finds other keys {change.From}."
            );
        }

        if (_unread.Count > 0)
        {
            yield return Hazard.Notice(
                "triggers-unread",
                $"Segue cannot read the code of these triggers of {table.Name}: "
                    + $"{string.Join("; ", _unread)}. If one copies whole rows by the order of their columns, "
                    + $"statements that fire it fail {change.From}."
            );
        }
    }

    /// <param name="Title">The operation.</param>
    /// <param name="How">Begins a sentence, e.g. <c>With currency added</c>.</param>
    /// <param name="What">What the table then has.</param>
    /// <param name="From">From when on.</param>
    private sealed record RowChange(string Title, string How, string What, string From)
    {
        /// <summary>Does it to the table's copy.</summary>
        public required Func<TableCopy, Task> Make { get; init; }

        /// <summary>Where a value goes into another column than before; null for nowhere.</summary>
        public required Func<WrittenColumns, WrittenColumns, string?> Shift { get; init; }

        public required string Remedy { get; init; }
    }
}
