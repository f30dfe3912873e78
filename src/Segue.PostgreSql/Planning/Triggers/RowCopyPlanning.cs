using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Planning.Parts;

namespace Segue.PostgreSql.Planning.Triggers;

/// <summary>
/// Whether the functions of a table's triggers tolerate another column: those that copy whole rows by the positions of
/// their columns may not.
/// </summary>
internal sealed class RowCopyPlanning(Draft draft, Table table)
{
    private const string NameColumns = "Make the function name the columns it writes";

    private readonly SortedSet<string> _values = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unread = new(StringComparer.Ordinal);
    private readonly List<string> _untried = [];

    /// <param name="added">In the order in which they are added.</param>
    public async Task CheckAsync(IReadOnlyList<NewColumn> added)
    {
        TriggerFunctions triggers = new(draft.Connection, table);
        IReadOnlyList<TriggerFunction> functions = await triggers.FindAsync(draft.Cancel);
        if (functions.Count == 0)
        {
            return;
        }

        await draft.Connection.AsideAsync(() => CompareAsync(functions, added), draft.Cancel);
        draft.Hazards.AddRange(Hazards());
    }

    private async Task<bool> CompareAsync(IReadOnlyList<TriggerFunction> functions, IReadOnlyList<NewColumn> added)
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

        foreach (NewColumn column in added)
        {
            await copy.AddAsync(column, draft.Cancel);
        }

        foreach ((TriggerFunction function, string statement, string asked, WrittenColumns? written) in copies)
        {
            await CompareAsync(probe, added, function, statement, asked, written);
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
        IReadOnlyList<NewColumn> added,
        TriggerFunction function,
        string statement,
        string asked,
        WrittenColumns? before
    )
    {
        string text = OneLine(statement);
        string names = string.Join(", ", added.Select(column => column.Name));
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
                    added[0].Title,
                    $"{copies} With {names} added, the server rejects that: "
                        + $"{Errors.Sentence(error.MessageText)} Every statement that fires the trigger would fail.",
                    $"{NameColumns}; or add the same columns to the table it writes to, by operations of "
                        + "this change before this one."
                )
            );
        }
        else if (after?.ShiftFrom(before, [.. added.Select(column => column.Name)]) is { } shift)
        {
            draft.Refused.Add(
                new Problem(
                    added[0].Title,
                    $"{copies} With {names} added, values would be written to other columns, without an "
                        + $"error: {shift}.",
                    $"{NameColumns}, as in `INSERT INTO ... ({string.Join(", ", before.Columns)}) "
                        + $"SELECT {string.Join(", ", before.Values)}`."
                )
            );
        }
    }

    private IEnumerable<Hazard> Hazards()
    {
        if (_untried.Count > 0)
        {
            yield return Hazard.Danger(
                "triggers-copy-rows",
                $"These statements copy whole rows of {table.Name}, and Segue could not test them with "
                    + $"another column: {string.Join("; ", _untried)}. If one relies on the order of columns, "
                    + "every statement that fires its trigger fails, or writes into the wrong columns, from "
                    + $"expand on. {NameColumns}, or test the change on a copy of the database first."
            );
        }

        if (_values.Count > 0)
        {
            yield return Hazard.Danger(
                "whole-row-values",
                $"Triggers of {table.Name} put whole rows into one value: {string.Join(", ", _values)}. "
                    + "Code that reads these values finds an additional key from expand on."
            );
        }

        if (_unread.Count > 0)
        {
            yield return Hazard.Notice(
                "triggers-unread",
                $"Segue cannot read the code of these triggers of {table.Name}: "
                    + $"{string.Join("; ", _unread)}. If one copies whole rows by the order of their columns, "
                    + "statements that fire it fail from expand on."
            );
        }
    }
}
