using Npgsql;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>Proofs and long statements leave an app its cores.</summary>
public class GentleProofTests
{
    private const string Currency = """
        operations:
          - add_column:
              table: orders
              name: currency
              type: char(3)
              nullable: false
              backfill: "CASE id WHEN 7 THEN 'e' WHEN 8 THEN 'XXX' ELSE 'EUR' END"
              check: "currency ~ '^[A-Z]{3}$'"
              references: { table: currencies, column: code }
        """;

    [Theory, PostgresVersions(14, 18)]
    public async Task One_scan_finds_the_rows_that_each_constraint_would_reject(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE currencies (code char(3) PRIMARY KEY);
            INSERT INTO currencies VALUES ('e'), ('EUR');
            CREATE TABLE orders (id bigint PRIMARY KEY);
            INSERT INTO orders SELECT generate_series(1, 5000);
            """
        );
        (await db.PlannedAsync(Currency)).Steps().OfType<VerifyStep>().Count().ShouldBe(1);

        string message = (await db.ApplyAsync(Currency)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain(
            "currency satisfies its CHECK: 1 of 5,000 rows of \"public\".\"orders\" violate this, e.g. id=7."
        );
        message.ShouldContain(
            "currency has its parent row in currencies: 1 of 5,000 rows of \"public\".\"orders\" violate "
                + "this, e.g. id=8."
        );
        db.EventsOf<RunEvent.Note>()
            .ShouldNotContain(
                note => note.Message.Contains("Filling again"),
                "a fill cannot mend what a constraint rejects"
            );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_proof_reads_short_ranges_while_an_app_is_active(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint PRIMARY KEY, note text) WITH (fillfactor = 10);
            INSERT INTO orders SELECT n, repeat('x', 700) FROM generate_series(1, 150) n;
            CREATE FUNCTION slowly(id bigint) RETURNS boolean
                LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(0.005); RETURN true; END $$;
            """
        );
        await using NpgsqlConnection app = await db.OpenAsync();
        await using NpgsqlCommand work = new("SELECT pg_sleep(120)", app);
        Task<object?> working = work.ExecuteScalarAsync();

        (
            await db.ApplyAsync("operations:\n  - add_check: { table: orders, name: fine, check: slowly(id) }")
        ).ShouldBeCompleted();

        work.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(working);
        db.EventsOf<RunEvent.Verified>().Count.ShouldBeGreaterThan(5, "150 rows of 5 ms, at most about 50 ms a range");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task No_statement_gets_parallel_workers_while_an_app_is_active(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY)");
        Plan plan = await db.PlannedAsync("operations:\n  - create_index: { table: orders, columns: [id] }");
        await using PostgresEngine engine = db.Engine();
        await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        (Lease? lease, _) = await engine.Records.Leases.TryAcquireAsync(
            "test",
            TimeSpan.FromMinutes(1),
            CancellationToken.None
        );
        string[] names =
        [
            "max_parallel_workers_per_gather",
            "max_parallel_maintenance_workers",
            "jit",
            "vacuum_cost_delay",
        ];
        string told =
            "CREATE TABLE told AS SELECT "
            + $"{string.Join(" || ' ' || ", names.Select(name => $"current_setting('{name}')"))} AS settings";

        await engine.Execution.Online.RunAsync(
            new OnlineCall(plan, told, lease!),
            new OnlineWatch(null, _ => { }),
            CancellationToken.None
        );

        (await db.ScalarAsync<string>("SELECT settings FROM told")).ShouldBe("0 0 off 2ms");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_pause_stops_a_proof_between_ranges_and_status_reports_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint PRIMARY KEY, note text) WITH (fillfactor = 10); INSERT INTO "
                + "orders SELECT n, repeat('x', 700) FROM generate_series(1, 600) n"
        );
        await using PostgresEngine other = db.Engine();
        db.Happened = happened =>
        {
            if (happened is RunEvent.Verified && db.EventsOf<RunEvent.Verified>().Count == 1)
            {
                other
                    .Records.Ledger.RequestPauseAsync("0001_test", true, "by test", CancellationToken.None)
                    .GetAwaiter()
                    .GetResult();
            }
        };
        Task<RunOutcome> proving = db.ApplyAsync(
            "operations:\n  - add_check: { table: orders, name: fine, check: id > 0 }"
        );

        await Eventually.TrueAsync(
            "the proof is paused",
            async () =>
                proving.IsCompleted
                || db.EventsOf<RunEvent.Verified>().Count > 0 && (await db.FindAsync())?.Status == ChangeStatus.Paused
        );

        ChangeRecord paused = (await db.FindAsync())!;
        (paused.Status, paused.Stage).ShouldBe((ChangeStatus.Paused, "verify"));
        db.EventsOf<RunEvent.Verified>().ShouldHaveSingleItem().Compared.ShouldBeLessThan(600);
        db.EventsOf<RunEvent.Throttled>()[^1].Reason!.ShouldBe("a person asked for it");
        await other.Records.Ledger.RequestPauseAsync("0001_test", false, "by test", CancellationToken.None);
        (await proving).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_search_for_duplicates_pauses_while_an_app_is_active(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE orders (id bigint, note text) WITH (fillfactor = 10); INSERT INTO orders SELECT "
                + "n % 1999, repeat('x', 700) FROM generate_series(1, 2000) n"
        );
        await using NpgsqlConnection app = await db.OpenAsync();
        await using NpgsqlCommand work = new("SELECT pg_sleep(120)", app);
        Task<object?> working = work.ExecuteScalarAsync();
        db.Options = db.Options with { DutyCycle = 0.01 };

        Task<RunOutcome> proving = db.ApplyAsync(
            "operations:\n  - create_index: { table: orders, columns: [id], unique: true }"
        );

        await Eventually.TrueAsync(
            "it rests",
            async () =>
                proving.IsCompleted
                || await db.ScalarAsync<bool>(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%segue_rested%' AND "
                        + "wait_event = 'PgSleep' AND pid <> pg_backend_pid())"
                )
        );
        proving.IsCompleted.ShouldBeFalse();
        (await proving)
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "id has no value twice: 2 of 2,000 rows of \"public\".\"orders\" violate this, e.g. id=1 (2 rows)."
            );
        work.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(working);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task The_search_for_duplicates_reads_each_range_of_blocks_once(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint, note text) WITH (fillfactor = 10);
            INSERT INTO orders SELECT n, repeat('x', 700) FROM generate_series(1, 1000) n;
            CREATE TABLE parts (id bigint) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (900);
            CREATE TABLE parts_2 PARTITION OF parts DEFAULT;
            INSERT INTO parts SELECT id FROM orders;
            """
        );
        foreach (string table in (string[])["orders", "parts"])
        {
            VerifyCheck check = (
                await db.PlannedAsync(
                    $"operations:\n  - create_index: {{ table: {table}, columns: [id], unique: true }}"
                )
            )
                .Steps()
                .OfType<VerifyStep>()
                .SelectMany(step => step.Checks)
                .Single(check => check.Claim == "id has no value twice");

            IReadOnlyList<string> plan = await db.ColumnAsync($"EXPLAIN (COSTS off) {check.Query}");

            plan.ShouldContain(line => line.Contains("Tid Range Scan"));
            plan.ShouldNotContain(line => line.Contains("Seq Scan"));
            (await db.ScalarAsync<long>(check.Query)).ShouldBe(1000);
        }
    }
}
