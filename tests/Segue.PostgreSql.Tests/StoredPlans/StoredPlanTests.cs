using System.Runtime.CompilerServices;
using Segue.Execution;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class StoredPlanTests
{
    /// <summary>As its file read in the two databases: its hash is in their ledgers.</summary>
    private const string Currency = """
        operations:
          - add_column:
              table: orders
              name: currency
              type: char(3)
              nullable: false
              backfill: "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
              check: "currency ~ '^[A-Z]{3}$'"
              references: { table: currencies, column: code }
              index: true

        """;

    [Theory, PostgresVersions(18)]
    public async Task A_stored_plan_of_a_newer_format_is_neither_run_nor_rolled_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        const string Change = "operations: [{ add_column: { table: t, name: b, type: int, default: '1' } }]";
        await db.ApplyAsync(Change, until: StageName.Expand);
        string newer = (await db.ScalarAsync<string>("SELECT json FROM segue.plan")).Replace(
            $"\"format\":{Plan.NewestFormat}",
            "\"format\":99"
        );
        await db.ExecuteAsync(
            $"UPDATE segue.plan SET json = $json${newer}$json$, hash = '{PlanJson.Hash(newer)}'; UPDATE "
                + $"segue.change SET plan_hash = '{PlanJson.Hash(newer)}', status = 'failed'"
        );

        foreach (RunOutcome outcome in new[] { await db.ApplyAsync(Change), await db.RollbackAsync() })
        {
            outcome
                .ShouldBeOfType<RunOutcome.Refused>($"{outcome}")
                .Problems[0]
                .What.ShouldContain("a newer Segue planned it (plan format 99");
        }
    }

    [Theory, PostgresVersions(15, 18)]
    public Task A_fill_begun_by_a_Segue_of_plan_format_1_and_killed_goes_on_to_the_end(int major) =>
        GoesOnAsync(major, format: 1);

    [Theory, PostgresVersions(15, 18)]
    public Task A_fill_begun_by_a_Segue_of_plan_format_2_and_killed_goes_on_to_the_end(int major) =>
        GoesOnAsync(major, format: 2);

    [Theory, PostgresVersions(18)]
    public async Task A_plan_of_an_older_format_has_no_shape_to_approve(int major)
    {
        await using TestDatabase db = await RestoredAsync(major, format: 2);

        RunOutcome outcome = await db.ApplyAsync(Currency, change: "0001_currency", shape: new string('0', 64));

        Segue.Engines.Problem problem = outcome.ShouldBeOfType<RunOutcome.Refused>().Problems[0];
        problem.What.ShouldContain("an older Segue planned it (plan format 2), and its plan does not hold a shape");
        problem.Remedy.ShouldContain("Approve it by its plan hash");
    }

    private static async Task GoesOnAsync(int major, int format)
    {
        await using TestDatabase db = await RestoredAsync(major, format);
        string planned = await db.ScalarAsync<string>(
            "SELECT plan_hash FROM segue.change WHERE name = '0001_currency'"
        );
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency IS NULL")).ShouldBe(1);

        (await db.ApplyAsync(Currency, change: "0001_currency", approved: planned)).ShouldWaitAtGate();
        (await db.CompleteAsync("0001_currency")).ShouldBeCompleted();

        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE currency IS DISTINCT FROM "
                    + "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
            )
        ).ShouldBe(0);
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass")).ShouldBe(2);

        (await db.CompleteAsync("0002_old_orders")).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.retained")).ShouldBe(1);
        (await db.RollbackAsync("0002_old_orders")).ShouldBeRolledBack();
        (await db.ScalarAsync<string>("SELECT note FROM old_orders")).ShouldBe("a");
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.retained")).ShouldBe(0);
    }

    /// <summary>
    /// A dump of a database on which that Segue was killed: the fill of orders lacks a row that an app had locked, and
    /// a second change waits at its gate.
    /// </summary>
    private static async Task<TestDatabase> RestoredAsync(int major, int format, [CallerFilePath] string test = "")
    {
        TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        string dump = Path.Combine(Path.GetDirectoryName(test)!, $"format{format}.sql");
        await db.ExecuteAsync(await File.ReadAllTextAsync(dump));
        db.Reconnect();

        // A restored table is another file than the one that was being filled, which would begin the fill anew.
        await db.ExecuteAsync(
            "UPDATE segue.backfill SET cursor = jsonb_set(cursor, '{generation}', "
                + "to_jsonb(pg_relation_filenode('public.orders')::bigint))"
        );
        return db;
    }
}
