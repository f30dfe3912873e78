using Segue.Execution;
using Segue.Ledger;
using Segue.PostgreSql;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>A run tells its engine what to do call by call; here each single call goes wrong once, until a run passes untouched.</summary>
public class FaultAtEveryCallTests
{
    private const string Change = "0001_currency";
    private const int Rows = 1000;

    private const string Yaml =
        """
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

    [Fact]
    public async Task Apply_resumes_after_a_death_at_any_call()
    {
        await using TestDatabase db = await NewAsync();
        int calls = await SweepAsync(async at =>
        {
            await FillAsync(db);
            bool struck = await DieAsync(db, at, ApplyAsync);
            await FinishAsync(db);
            return struck;
        });
        calls.ShouldBeGreaterThan(60);
        await ShouldBeWholeAsync(db);
    }

    [Fact]
    public async Task Rollback_takes_back_what_a_death_at_any_call_of_apply_left()
    {
        await using TestDatabase db = await NewAsync();
        await SweepAsync(async at =>
        {
            await FillAsync(db);
            IReadOnlyList<string> before = await Catalog.OfAsync(db);
            bool struck = await DieAsync(db, at, ApplyAsync);
            if (await db.FindAsync(Change) is not null)
            {
                (await db.RollbackAsync(Change)).ShouldBeRolledBack();
            }

            (await Catalog.OfAsync(db)).ShouldBe(before);
            return struck;
        });
        await ShouldBeWholeAsync(db);
    }

    [Fact]
    public async Task Complete_resumes_after_a_death_at_any_call()
    {
        await using TestDatabase db = await NewAsync();
        await SweepAsync(async at =>
        {
            await FillAsync(db);
            (await db.ApplyAsync(Yaml, change: Change)).ShouldWaitAtGate();
            bool struck = await DieAsync(db, at, runner => runner.CompleteAsync(Change, CancellationToken.None));
            await FinishAsync(db);
            return struck;
        });
        await ShouldBeWholeAsync(db);
    }

    [Fact]
    public async Task Rollback_is_finished_by_rollback_after_a_death_at_any_call()
    {
        await using TestDatabase db = await NewAsync();
        await SweepAsync(async at =>
        {
            await FillAsync(db);
            IReadOnlyList<string> before = await Catalog.OfAsync(db);
            (await db.ApplyAsync(Yaml, change: Change)).ShouldWaitAtGate();
            bool struck = await DieAsync(db, at, runner => runner.RollbackAsync(Change, CancellationToken.None));
            (await db.RollbackAsync(Change)).ShouldBeRolledBack();
            (await Catalog.OfAsync(db)).ShouldBe(before);
            return struck;
        });
        await ShouldBeWholeAsync(db);
    }

    [Theory]
    [InlineData(Fault.Unknown)]
    [InlineData(Fault.SessionsKilled)]
    internal async Task A_run_goes_on_by_itself_when_its_connections_are_lost_at_any_call(Fault fault)
    {
        await using TestDatabase db = await NewAsync();
        await SweepAsync(async at =>
        {
            await FillAsync(db);
            bool struck = await StrikeAsync(db, at, fault, async runner =>
            {
                (await ApplyAsync(runner)).ShouldWaitAtGate();
                (await runner.CompleteAsync(Change, CancellationToken.None)).ShouldBeCompleted();
            });
            await ShouldBeFinishedAsync(db);
            return struck;
        });
        await ShouldBeWholeAsync(db);
    }

    [Theory]
    [InlineData(Fault.Unknown)]
    [InlineData(Fault.SessionsKilled)]
    internal async Task A_rollback_goes_on_by_itself_when_its_connections_are_lost_at_any_call(Fault fault)
    {
        await using TestDatabase db = await NewAsync();
        await SweepAsync(async at =>
        {
            await FillAsync(db);
            IReadOnlyList<string> before = await Catalog.OfAsync(db);
            (await db.ApplyAsync(Yaml, change: Change)).ShouldWaitAtGate();
            bool struck = await StrikeAsync(db, at, fault, async runner => (await runner.RollbackAsync(Change, CancellationToken.None)).ShouldBeRolledBack());
            (await Catalog.OfAsync(db)).ShouldBe(before);
            return struck;
        });
        await ShouldBeWholeAsync(db);
    }

    private static async Task<TestDatabase> NewAsync()
    {
        TestDatabase db = await Postgres.DatabaseAsync(Postgres.Majors[^1]);
        await db.ExecuteAsync("CREATE TABLE currencies (code char(3) PRIMARY KEY); INSERT INTO currencies VALUES ('USD'), ('EUR')");
        return db;
    }

    private static Task FillAsync(TestDatabase db) => db.ExecuteAsync(
        $"""
        DROP TABLE IF EXISTS orders;
        DROP SCHEMA IF EXISTS segue CASCADE;
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, note text);
        INSERT INTO orders (region, note) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, repeat('x', 80) FROM generate_series(1, {Rows}) n;
        """);

    /// <param name="strike">Lets the n-th call go wrong; false when there is no n-th call.</param>
    /// <returns>How many calls went wrong.</returns>
    private static async Task<int> SweepAsync(Func<int, Task<bool>> strike)
    {
        int at = 1;
        while (await strike(at))
        {
            at++;
        }

        return at - 1;
    }

    private static Task<RunOutcome> ApplyAsync(Runner runner) => runner.ApplyAsync(
        TestDatabase.Read(Yaml, Change),
        new Engines.PlanOptions { SmallTableBytes = 0 },
        new ApplyRequest { Origin = new ChangeOrigin(null, null, "test") },
        CancellationToken.None);

    private static Task<bool> DieAsync(TestDatabase db, int at, Func<Runner, Task<RunOutcome>> work) => StrikeAsync(db, at, Fault.Death, async runner =>
    {
        try
        {
            await work(runner);
        }
        catch (ObjectDisposedException)
        {
            // What a dead process would have done next is nobody's to see.
        }
    });

    private static async Task<bool> StrikeAsync(TestDatabase db, int at, Fault fault, Func<Runner, Task> work)
    {
        Faults faults = new(at, fault, () => KillSessionsAsync(db));
        await using FaultyEngine engine = new(db.Engine(new PostgresEngineSettings { ApplicationName = "struck" }), faults);
        try
        {
            await work(new Runner(engine, db.Options, _ => { }, new HurriedTime()));
        }
        catch (Exception error) when (faults.Struck is not null)
        {
            throw new InvalidOperationException($"{fault} at call {at}, {faults.Struck}: {error.Message}", error);
        }

        return faults.Struck is not null;
    }

    private static async Task KillSessionsAsync(TestDatabase db)
    {
        const string Sessions = "FROM pg_stat_activity WHERE application_name = 'struck' AND datname = current_database()";
        await db.ExecuteAsync($"SELECT pg_terminate_backend(pid) {Sessions}");
        await Eventually.TrueAsync("Segue's sessions end", async () => await db.ScalarAsync<long>($"SELECT count(*) {Sessions}") == 0);
    }

    private static async Task FinishAsync(TestDatabase db)
    {
        if (await db.ApplyAsync(Yaml, change: Change) is RunOutcome.WaitingAtGate)
        {
            (await db.CompleteAsync(Change)).ShouldBeCompleted();
        }

        await ShouldBeFinishedAsync(db);
    }

    private static async Task ShouldBeFinishedAsync(TestDatabase db)
    {
        (await db.FindAsync(Change))!.Status.ShouldBe(ChangeStatus.Completed);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency = CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END")).ShouldBe(Rows);
        (await Catalog.OfAsync(db)).Where(line => line.Contains("currency", StringComparison.Ordinal)).ShouldBe(
        [
            "column orders currency character(3) t",
            "constraint orders orders_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)) t",
            "constraint orders orders_currency_fkey FOREIGN KEY (currency) REFERENCES currencies(code) t",
            "index CREATE INDEX orders_currency_idx ON public.orders USING btree (currency) t",
        ]);
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.step WHERE state <> 'done'")).ShouldBe(0);
        await ShouldBeWholeAsync(db);
    }

    private static async Task ShouldBeWholeAsync(TestDatabase db) =>
        (await db.ScalarAsync<long>("SELECT count(*) FROM segue.history WHERE NOT unaltered")).ShouldBe(0);
}
