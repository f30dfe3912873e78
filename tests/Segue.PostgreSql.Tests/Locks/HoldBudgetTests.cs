using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Execution;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>No transaction keeps a lock that is in an app's way for longer than its budget.</summary>
public class HoldBudgetTests
{
    private const int Budget = 200;

    /// <summary>The limit is for all its statements together, and for the silence between them.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Each_statement_and_each_pause_gets_only_what_is_left_of_the_hold_budget(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlBatch first = connection.CreateBatch();
        Hold.AddAsk(first);
        new Hold(60_000, TimeProvider.System).AddBegin(first);
        await first.ExecuteNonQueryAsync();
        (int statement, int silence) = await LimitsAsync(connection);

        await using NpgsqlBatch later = connection.CreateBatch();
        later.BatchCommands.Add(new NpgsqlBatchCommand("SELECT pg_sleep(0.1)"));
        Hold.AddLimit(later);
        await later.ExecuteNonQueryAsync();
        (int statementLater, int silenceLater) = await LimitsAsync(connection);

        statement.ShouldBeInRange(1, 60_000);
        silence.ShouldBeInRange(1, 60_000);
        statementLater.ShouldBeInRange(1, statement - 100);
        silenceLater.ShouldBeInRange(1, silence - 100);
    }

    /// <summary>No statement of them is too long, all together are.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Statements_that_are_too_long_together_end_the_step_in_words_and_change_nothing(int major)
    {
        await using TestDatabase db = await SlowlyAlteredAsync(major);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);

        RunOutcome outcome = await db.ApplyAsync(
            "operations:\n  - alter_column: { table: t, name: a, default: '1' }\n"
                + "  - alter_column: { table: t, name: b, default: '1' }\n"
                + "  - alter_column: { table: t, name: c, default: '1' }"
        );

        string words = outcome.ShouldBeOfType<RunOutcome.Failed>().Message;
        words.ShouldContain($"would have held its locks for more than {Budget} ms");
        words.ShouldContain("It changed nothing.");
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    /// <summary>The server limits no COMMIT.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Deferred_triggers_count_towards_the_hold_budget(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE t (id int);
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION dawdle();
            """
        );
        Hold hold = new(Budget, TimeProvider.System);
        await using (NpgsqlConnection connection = await db.OpenAsync())
        {
            await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
            await using NpgsqlBatch batch = connection.CreateBatch();
            Hold.AddAsk(batch);
            hold.AddBegin(batch);
            batch.BatchCommands.Add(new NpgsqlBatchCommand("INSERT INTO t VALUES (1)"));
            Hold.AddCommit(batch);

            Hold.IsOver(await Should.ThrowAsync<PostgresException>(() => hold.RunAsync(batch, default))).ShouldBeTrue();
        }

        (await db.ScalarAsync<long>("SELECT count(*) FROM t")).ShouldBe(0);
    }

    /// <summary>Each ALTER TABLE takes three fifths of the budget.</summary>
    private static async Task<TestDatabase> SlowlyAlteredAsync(int major)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            $"""
            CREATE TABLE t (id bigint PRIMARY KEY, a int, b int, c int);
            CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql
                AS 'BEGIN PERFORM pg_catalog.pg_sleep({Budget * 0.6 / 1000}); END';
            CREATE EVENT TRIGGER dawdle ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION dawdle();
            """
        );
        db.Planning = db.Planning with { Limits = Limits.Default with { HoldBudgetMs = Budget } };
        return db;
    }

    private static async Task<(int Statement, int Silence)> LimitsAsync(NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = new(
            """
            SELECT (SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'),
                (SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout')
            """,
            connection
        );
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt32(0), row.GetInt32(1));
    }
}
