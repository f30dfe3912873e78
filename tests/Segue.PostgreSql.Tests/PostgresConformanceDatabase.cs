using Npgsql;
using Segue.Conformance;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>A test database as the conformance tests want it.</summary>
internal sealed class PostgresConformanceDatabase(TestDatabase db) : IConformanceDatabase
{
    public const string LeftoversQuery =
        "SELECT proname::text FROM pg_proc WHERE pronamespace = to_regnamespace('segue') AND proname NOT "
        + $"IN ({LedgerFunctions.Names})";

    public Task ExecuteAsync(string sql) => db.ExecuteAsync(sql);

    public Task<bool> AskAsync(string query) => db.ScalarAsync<bool>(query);

    public async Task<DatabaseState> StateAsync()
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        return await StateAsync(connection);
    }

    public async Task<DatabaseState> StateAfterAsync(string sql)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction undone = await connection.BeginTransactionAsync();
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
        return await StateAsync(connection);
    }

    public Task<Plan> PlannedAsync(string file) => db.PlannedAsync(file);

    public async Task<bool> ApplyAsync(string file, StageName? until = null)
    {
        RunOutcome outcome = await db.ApplyAsync(file, until);
        (outcome is RunOutcome.WaitingAtGate or RunOutcome.Completed or RunOutcome.StoppedAfter).ShouldBeTrue(
            Outcomes.Words(outcome)
        );
        return outcome is RunOutcome.WaitingAtGate;
    }

    public async Task CompleteAsync() => (await db.CompleteAsync()).ShouldBeCompleted();

    public async Task RollbackAsync() => (await db.RollbackAsync()).ShouldBeRolledBack();

    public Task<IReadOnlyList<string>> LeftoversAsync() => db.ColumnAsync(LeftoversQuery);

    public ValueTask DisposeAsync() => db.DisposeAsync();

    private static async Task<DatabaseState> StateAsync(NpgsqlConnection connection) =>
        new(await CatalogDescription.OfAsync(connection), await RowDescription.OfAsync(connection));
}
