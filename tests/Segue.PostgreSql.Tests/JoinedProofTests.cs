using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>What a change proves of one table is proven in one scan.</summary>
public class JoinedProofTests
{
    private const string Orders =
        "CREATE TABLE orders (id bigint PRIMARY KEY, amount int, region text); INSERT INTO orders SELECT "
        + "n, n, 'EU' FROM generate_series(1, 2000) n";

    private const string Three = """
        operations:
          - add_check: { table: orders, name: positive, check: amount > 0 }
          - create_index: { table: orders, columns: [amount] }
          - add_check: { table: orders, name: named, check: region <> '' }
          - alter_column: { table: orders, name: region, nullable: false }
        """;

    [Theory, PostgresVersions(14, 15, 16, 17, 18)]
    public async Task One_statement_reads_the_table_once_for_all_constraints(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Orders);
        Step[] enforce =
        [
            .. (await db.PlannedAsync(Three)).Stages.Single(stage => stage.Name == StageName.Enforce).Steps,
        ];
        OnlineStep proof = enforce.OfType<OnlineStep>().Single(step => step.Statement.Contains("VALIDATE"));
        proof.Parts!.Count.ShouldBe(3);
        foreach (
            string statement in enforce
                .TakeWhile(step => step != proof)
                .OfType<DdlStep>()
                .SelectMany(step => step.Statements)
        )
        {
            await db.ExecuteAsync(statement);
        }

        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand scans = new(
            "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'orders'",
            connection
        );
        long before = (long)(await scans.ExecuteScalarAsync())!;
        await using NpgsqlCommand validate = new(proof.Statement, connection);
        await validate.ExecuteNonQueryAsync();
        ((long)(await scans.ExecuteScalarAsync())! - before).ShouldBe(1);
        await transaction.CommitAsync();

        (await db.AnswersAsync(proof.Applied!)).ShouldBeTrue();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_violating_row_names_its_constraint_and_the_others_are_proven_afterwards(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Orders);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted { Stage: "enforce" })
            {
                db.ExecuteAsync("INSERT INTO orders VALUES (9001, 1, '')").GetAwaiter().GetResult();
            }
        };

        string message = (await db.ApplyAsync(Three)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain("\"named\"");
        message.ShouldContain("id=9001");
        db.Happened = null;
        await db.ExecuteAsync("DELETE FROM orders WHERE id = 9001");
        (await db.ApplyAsync(Three)).ShouldBeCompleted();
        (
            await db.ColumnAsync(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'orders'::regclass AND NOT convalidated"
            )
        ).ShouldBeEmpty();
    }

    // Up to 17 the CHECK that proved NOT NULL is gone by then: a statement that names all of them would fail.
    [Theory, PostgresVersions(15, 18)]
    public async Task A_dropped_constraint_is_created_and_proven_again_alone(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Orders);
        const string Currency = """
            operations:
              - add_column:
                  table: orders
                  name: currency
                  type: char(3)
                  nullable: false
                  backfill: "CASE region WHEN 'EU' THEN 'EUR' ELSE 'USD' END"
                  check: "currency <> ''"
            """;
        (await db.PlannedAsync(Currency)).Steps().OfType<OnlineStep>().ShouldContain(step => step.Parts != null);
        (await db.ApplyAsync(Currency)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        await db.ExecuteAsync("ALTER TABLE orders DROP CONSTRAINT orders_currency_check");

        (await db.ApplyAsync(Currency)).ShouldBeOfType<RunOutcome.WaitingAtGate>();

        (
            await db.ScalarAsync<bool>("SELECT convalidated FROM pg_constraint WHERE conname = 'orders_currency_check'")
        ).ShouldBeTrue();
    }
}
