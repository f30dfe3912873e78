using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>Makes copies of the tables that a statement names, and measures it there.</summary>
/// <param name="earlier">The statement that ran before and that this one must undo; null for none.</param>
/// <param name="isBare">On copies without the views, functions, triggers, policies and rules that depend on their
/// columns: others handle those.</param>
internal sealed class TrialOnCopies(
    NpgsqlConnection connection,
    StatementText text,
    StatementText? earlier,
    bool isBare
)
{
    public async Task<Explanation> RunAsync(IReadOnlyList<Table> tables, CancellationToken cancel)
    {
        IReadOnlyList<string> dependents = await NamedTables.DependentsAsync(connection, tables, cancel);
        IReadOnlyList<RowsWritten> writes = StatementForms.IsQuery(text)
            ? await new WrittenRows(connection).OfAsync(text, cancel)
            : [];
        TableCopies copies = new(connection)
        {
            AreBare = isBare,
            Statements = earlier is null ? [text] : [text, earlier],
        };
        IReadOnlyList<Table> others = earlier is null ? [] : await NamedTables.OfAsync(connection, earlier, cancel);
        if (await copies.CreateAsync([.. tables.UnionBy(others, table => table.Oid)], cancel) is { } cannot)
        {
            return new Explanation.NotMeasured(
                new Problem(
                    "explain",
                    $"the statement cannot be tried on copies: {cannot}",
                    "Name one of them at a time."
                )
            );
        }

        if (text.Begins("truncate") || earlier?.Begins("truncate") == true)
        {
            await copies.SilenceAsync(cancel);
        }

        CatalogState? state = earlier is null ? null : await StateAsync(cancel);
        if (
            earlier is { IsCode: false }
            && !StatementForms.IsQuery(earlier)
            && await RunEarlierAsync(earlier, copies, cancel) is { } elsewhere
        )
        {
            return elsewhere;
        }

        return await new StatementMeasuring(connection, copies, text)
        {
            Made = await MadeAsync(cancel),
            Writes = writes,
        }.RunAsync(dependents, state, cancel);
    }

    /// <summary>What the earlier statement creates, by name.</summary>
    private async Task<IReadOnlyDictionary<string, string>> MadeAsync(CancellationToken cancel)
    {
        string schema = await connection.ScalarAsync<string>("SELECT current_schema()", cancel) ?? "";
        return (earlier?.Names(connection.Database!) ?? [])
            .Where(name => name.IsNew)
            .ToDictionary(name => name.Name, name => Sql.Name(name.Schema ?? schema, name.Name));
    }

    private async Task<CatalogState> StateAsync(CancellationToken cancel)
    {
        await using NpgsqlTransaction reading = await connection.BeginTransactionAsync(cancel);
        return await CatalogState.ReadAsync(connection, ofCopies: true, cancel);
    }

    /// <summary>Permanent as far as the copies go; null unless it reaches beyond them.</summary>
    private async Task<Explanation?> RunEarlierAsync(
        StatementText statement,
        TableCopies copies,
        CancellationToken cancel
    )
    {
        await using NpgsqlTransaction running = await connection.BeginTransactionAsync(cancel);
        StatementMeasuring measuring = new(connection, copies, statement);
        await measuring.ExecuteAsync(cancel);
        if ((await measuring.ElsewhereAsync(cancel) ?? await measuring.RenamedAsync(cancel)) is { } cannot)
        {
            return cannot;
        }

        await running.CommitAsync(cancel);
        return null;
    }
}
