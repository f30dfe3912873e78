using Segue.Execution;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>A new table is there for apps from its first moment: what they wrote is not thrown away by a rollback.</summary>
public class CreatedTableTests
{
    private const string Create =
        """
        operations:
          - create_table: { table: bills, columns: [{ name: id, type: bigint, identity: {} }, { name: order_id, type: bigint, references: { table: orders } }], primary_key: [id] }
          - drop_constraint: { table: orders, name: sane }
        """;

    private const string Setup = Cases.Orders + "ALTER TABLE orders ADD CONSTRAINT sane CHECK (amount > 0);";

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_an_app_has_written_keep_a_rollback_from_dropping_the_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync(Create)).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO bills (order_id) VALUES (1)");

        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("public.bills holds rows that apps have written, and is not dropped. Save them elsewhere if they matter, empty it (`TRUNCATE \"public\".\"bills\"`), then `segue rollback` again.");
        (await db.ScalarAsync<long>("SELECT count(*) FROM bills")).ShouldBe(1);
        await db.ExecuteAsync("TRUNCATE bills");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<bool>("SELECT to_regclass('bills') IS NULL")).ShouldBeTrue();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_that_was_renamed_since_is_not_taken_for_gone_when_rolled_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync(Create.Replace(", references: { table: orders }", "", StringComparison.Ordinal))).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE bills RENAME TO invoices");

        Outcomes.Words(await db.RollbackAsync()).ShouldContain("was renamed since");
        await db.ExecuteAsync("ALTER TABLE invoices RENAME TO bills");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname LIKE 'bills%'")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Somebody_elses_table_of_the_name_is_neither_taken_for_it_nor_dropped(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted { Stage: "expand" })
            {
                db.ExecuteAsync("CREATE TABLE bills (id bigint PRIMARY KEY, other text)").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Create)).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("exists and does not belong to this change");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<bool>("SELECT to_regclass('bills') IS NOT NULL")).ShouldBeTrue();
    }
}
