using Npgsql;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;

namespace Segue.PostgreSql.Explaining;

/// <summary>
/// Runs the statement on empty copies of the tables it names, in a transaction that is rolled back, and reads from the
/// server which locks it took there, which files it
/// replaced, and which tables it says it reads.
/// </summary>
internal sealed class StatementProbe(Database database) : IStatementProbe
{
    public async Task<Explanation> ExplainAsync(string statement, CancellationToken cancel)
    {
        StatementText text = new(statement);
        return (text.Objection() is null ? await new OtherStatements(database).ExplainAsync(text, cancel) : null)
            ?? await ExplainAsync(null, statement, cancel);
    }

    /// <param name="before">The statement that ran before and that this one must undo; null for none.</param>
    /// <param name="isBare">On copies without the views, functions, triggers, policies and rules that depend on their
    /// columns: others handle those.</param>
    public async Task<Explanation> ExplainAsync(
        string? before,
        string statement,
        CancellationToken cancel,
        bool isBare = false
    )
    {
        StatementText text = new(statement);
        if (text.Objection() is { } objection)
        {
            return NotMeasured(objection, "Give one complete statement.");
        }

        await using NpgsqlConnection connection = await database.OpenOwnAsync(cancel);
        if (UntriedForms.Of(text) is { } known)
        {
            return await SyntaxErrorAsync(connection, statement, cancel) is { } error
                ? NotMeasured($"the server rejects it: {error}", "Correct the statement.")
                : new Explanation.NotMeasured(known);
        }

        await connection.ExecuteAsync(
            "SELECT set_config('lock_timeout', '500ms', false), set_config('statement_timeout', '2s', "
                + "false), set_config('client_min_messages', 'warning', false)",
            cancel
        );
        if (text.IsCode)
        {
            return new Explanation.Measured(await OfCodeAsync(connection, text, cancel));
        }

        IReadOnlyList<Table> tables = await NamedTables.OfAsync(connection, text, cancel);
        if (await UncopiedAsync(connection, text, tables, cancel) is { } uncopied)
        {
            return uncopied;
        }

        try
        {
            TrialOnCopies trial = new(connection, text, before is null ? null : new StatementText(before), isBare);
            return await trial.RunAsync(tables, cancel);
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.DependentObjectsStillExist)
        {
            return NotMeasured(
                $"the server rejects it: {Errors.Describe(error)}",
                "Do that in a separate change, before this one."
            );
        }
        catch (PostgresException error)
            when (Errors.Classify(error) is ErrorClass.Permanent or ErrorClass.Rows or ErrorClass.Cancelled)
        {
            return NotMeasured($"the server rejects it: {Errors.Describe(error)}", "Correct the statement.");
        }
    }

    /// <summary>The object it names of which there can be no copy; null for none.</summary>
    private static async Task<Explanation.NotMeasured?> UncopiedAsync(
        NpgsqlConnection connection,
        StatementText text,
        IReadOnlyList<Table> tables,
        CancellationToken cancel
    )
    {
        if (!StatementForms.IsQuery(text) && await NamedTables.OthersAsync(connection, text, cancel) is [var other, ..])
        {
            return NotMeasured(
                $"{other}, of which Segue cannot make a copy.",
                "Read the server's documentation on it, or try it on a copy of the database."
            );
        }

        return text.Begins("drop", "table") && tables.FirstOrDefault(table => table.IsPartition) is { } part
            ? NotMeasured(
                $"{part.Schema}.{part.Name} is a partition: dropping it locks its root, which this copy "
                    + "does not include.",
                "`detach_partition`, then `drop_table`."
            )
            : null;
    }

    /// <summary>The server parses the body of a function that is created, and runs nothing of it.</summary>
    private static async Task<string?> SyntaxErrorAsync(
        NpgsqlConnection connection,
        string statement,
        CancellationToken cancel
    )
    {
        await using NpgsqlTransaction trying = await connection.BeginTransactionAsync(cancel);
        try
        {
            string create = await connection.QueryAsync(
                "SELECT format('CREATE FUNCTION pg_temp.segue_parsed() RETURNS void LANGUAGE sql AS %L', $1::text)",
                row => row.GetString(0),
                cancel,
                statement
            )
                is [var text]
                ? text
                : "";
            await connection.ExecuteAsync(create, cancel);
            return null;
        }
        catch (PostgresException error)
        {
            return error.SqlState == PostgresErrorCodes.SyntaxError ? Errors.Describe(error) : null;
        }
    }

    /// <summary>It is not run: only its words are known.</summary>
    private static async Task<StatementEffect> OfCodeAsync(
        NpgsqlConnection connection,
        StatementText text,
        CancellationToken cancel
    )
    {
        ReachedCode code = new(connection);
        IReadOnlyList<string> unknown = text.CodeOfBlock() is { } body
            ? await code.OfBlockAsync(body, cancel)
            : await code.OfProcedureAsync(text.CalledProcedure(), cancel);
        return new StatementEffect
        {
            Locks = [],
            Work = [],
            Dependents = [],
            SafeRoad = null,
            Calls = [text.Begins("do") ? "a block of code" : "a procedure"],
            Unknown =
                unknown.Count > 0
                    ? unknown
                    : ["the procedure is not run: what it calls and how many rows it writes cannot be predicted"],
        };
    }

    private static Explanation.NotMeasured NotMeasured(string what, string remedy) =>
        new(new Problem("explain", what, remedy));
}
