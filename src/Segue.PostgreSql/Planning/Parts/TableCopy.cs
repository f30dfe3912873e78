using Npgsql;
using Segue.Engines;
using Segue.Planning.Assembly;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Lexing;

namespace Segue.PostgreSql.Planning.Parts;

/// <summary>
/// An empty temporary copy of a table for questions to the server, in a transaction that is rolled back. It has the
/// table's own name, so that expressions resolve as they will on the table itself.
/// </summary>
internal sealed class TableCopy(NpgsqlConnection connection, Table table)
{
    private readonly List<Problem> _problems = [];

    public Table Table => table;

    public string Sql => $"pg_temp.{PostgreSql.Connections.Sql.Name(table.Name)}";

    /// <summary>The current operation; its title begins each problem.</summary>
    public string Where { get; set; } = "";

    public IReadOnlyList<Problem> Problems => _problems;

    public Task CreateAsync(CancellationToken cancel) => CreateAsync("GENERATED", cancel);

    /// <summary>With everything that the server can copy: indexes, CHECKs, defaults, storage.</summary>
    public async Task CreateWholeAsync(CancellationToken cancel)
    {
        try
        {
            await CreateAsync("ALL", cancel);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.FeatureNotSupported)
        {
            throw new ProbeException(
                $"{table.Schema}.{table.Name} cannot be copied, and Segue plans on an empty copy of it: "
                    + Errors.Describe(error),
                "Drop the object that the server names first, and create it again afterwards."
            );
        }
    }

    private Task CreateAsync(string including, CancellationToken cancel) =>
        connection.ExecuteAsync(
            $"CREATE TEMPORARY TABLE {PostgreSql.Connections.Sql.Name(table.Name)} (LIKE {table.Sql} "
                + $"INCLUDING {including}) ON COMMIT DROP",
            cancel
        );

    /// <summary>A column that an earlier operation of the change adds.</summary>
    public Task AddAsync(NewColumn column, CancellationToken cancel) =>
        connection.ExecuteAsync($"ALTER TABLE {Sql} ADD COLUMN {column.Sql} {column.Type}{column.Collate}", cancel);

    public Task DropAsync(CancellationToken cancel) => connection.ExecuteAsync($"DROP TABLE {Sql}", cancel);

    public void Refuse(string key, string what, string remedy) =>
        _problems.Add(new Problem($"{Where}: {key}", what, remedy));

    /// <summary>False, with a problem, unless the text is one expression as far as its tokens show.</summary>
    public bool IsExpression(string key, string text)
    {
        if (ExpressionText.Objection(text) is not { } objection)
        {
            return true;
        }

        Refuse(key, $"`{text}` is not one SQL expression: {objection}", "Write a single complete expression.");
        return false;
    }

    /// <summary>
    /// Asks, and undoes the effects of asking. An error about the text becomes a problem; a missing lock or connection
    /// is not the author's mistake.
    /// </summary>
    public async Task<bool> TryAsync(string key, string remedy, Func<Task> ask, CancellationToken cancel)
    {
        try
        {
            return await connection.AsideAsync(
                async () =>
                {
                    await ask();
                    return true;
                },
                cancel
            );
        }
        catch (Exception error)
            when (error is ProbeException
                || (
                    error is PostgresException
                    && Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled
                )
            )
        {
            Refuse(
                key,
                error is PostgresException server ? Errors.Describe(server) : error.Message,
                (error as ProbeException)?.Remedy ?? remedy
            );
            return false;
        }
    }

    /// <summary>The same if a rejection is an answer and not a problem.</summary>
    public async Task<bool> SucceedsAsync(Func<Task> ask, CancellationToken cancel)
    {
        int before = _problems.Count;
        bool succeeded = await TryAsync("", "", ask, cancel);
        _problems.RemoveRange(before, _problems.Count - before);
        return succeeded;
    }

    /// <summary>Another file than before means that the copy was rewritten.</summary>
    public Task<uint> FileNodeAsync(CancellationToken cancel) =>
        connection.ScalarAsync<uint>("SELECT pg_relation_filenode($1::regclass)", cancel, Sql);
}

/// <summary>The server accepted the text, but it is still not valid here.</summary>
/// <param name="remedy">Null for the question's own.</param>
internal sealed class ProbeException(string message, string? remedy = null) : CannotPlanException(message, remedy);
