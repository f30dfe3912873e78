using Npgsql;
using Segue.Execution;
using Segue.Ledger;
using Segue.PostgreSql.Tests.Kinds;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Writes of old code are counted where they pass, and a change is not completed while they come.</summary>
[Trait("kind", "add_column")]
public class OldCodeTests
{
    private const string OldInsert = "INSERT INTO orders (region, amount) VALUES ('eu', 7)";
    private const string NewInsert = "INSERT INTO orders (region, amount, currency) VALUES ('eu', 7, 'EUR')";

    private static readonly CompleteRequest Quiet = new() { QuietFor = TimeSpan.FromSeconds(20) };

    private static readonly string Currency = Cases.Adds(
        "table: orders, name: currency, type: text, nullable: false, backfill: \"coalesce(note, 'USD')\""
    );

    private static readonly string Doubled = Cases.Adds(
        "table: orders, name: doubled, type: bigint, nullable: false, derive: amount * 2"
    );

    [Theory, PostgresVersions(14, 18)]
    public async Task Inserts_of_old_code_are_counted_and_refuse_complete(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Currency);
        await using NpgsqlConnection web = await AppAsync(db, "web-1");
        await ExecuteAsync(web, NewInsert);
        (await OldWritesAsync(db)).ShouldBeEmpty();

        for (int i = 0; i < 5; i++)
        {
            await ExecuteAsync(web, $"{OldInsert}, ('us', 8)");
        }

        OldWrites seen = (await OldWritesAsync(db)).ShouldHaveSingleItem();
        (seen.Application, seen.Relation, seen.Breaks).ShouldBe(("web-1", "orders", true));

        // What a session has counted since its last report comes with its next one.
        seen.Count.ShouldBeInRange(1, 10);
        Outcomes.Words(await db.CompleteAsync(Quiet)).ShouldContain("web-1 (role ");
        (await db.FindAsync())!.Status.ShouldBe(ChangeStatus.Waiting);
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_session_reports_all_old_writes_that_it_has_counted(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Currency);
        await using NpgsqlConnection web = await AppAsync(db, "web-1");

        // The rest of a second comes with the next report: here that of another name, in any second.
        await ExecuteAsync(web, "INSERT INTO orders (amount) SELECT n FROM generate_series(1, 99) n");
        await ExecuteAsync(web, "SET application_name = 'web-2'");
        await ExecuteAsync(web, OldInsert);

        (await OldWritesAsync(db)).Sum(writes => writes.Count).ShouldBe(100);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Open_transactions_that_count_do_not_wait_for_one_another(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Currency);
        string[] levels = ["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE", "SERIALIZABLE"];
        List<NpgsqlConnection> sessions = [];
        for (int round = 0; round < 2; round++)
        {
            foreach ((int n, string level) in levels.Index())
            {
                NpgsqlConnection session = await AppAsync(db, $"app-{n}");
                sessions.Add(session);
                await ExecuteAsync(session, "SET lock_timeout = '2s'");
                await ExecuteAsync(session, $"BEGIN ISOLATION LEVEL {level}");
                await ExecuteAsync(session, OldInsert);
            }
        }

        foreach (NpgsqlConnection session in sessions)
        {
            await ExecuteAsync(session, "COMMIT");
            await session.DisposeAsync();
        }

        IReadOnlyList<OldWrites> seen = await OldWritesAsync(db);
        seen.Count.ShouldBe(levels.Length);
        seen.Sum(writes => writes.Count).ShouldBe(2 * levels.Length);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_error_while_old_writes_are_counted_reaches_no_app(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Currency);
        await using NpgsqlConnection web = await AppAsync(db, "web-1");
        await ExecuteAsync(web, "SET lock_timeout = '2s'");
        await using (NpgsqlConnection other = await AppAsync(db, "other"))
        {
            await ExecuteAsync(other, "BEGIN");
            await ExecuteAsync(other, "LOCK TABLE segue.old_write");
            await ExecuteAsync(web, OldInsert);
            await ExecuteAsync(other, "ROLLBACK");
        }

        await ExecuteAsync(web, "BEGIN");
        await ExecuteAsync(web, OldInsert);
        await ExecuteAsync(web, "ROLLBACK");
        (await OldWritesAsync(db)).ShouldBeEmpty();

        await ExecuteAsync(web, OldInsert);
        (await OldWritesAsync(db)).ShouldHaveSingleItem();
        await db.ExecuteAsync("ALTER TABLE segue.old_write RENAME COLUMN last_at TO another");
        await using NpgsqlConnection late = await AppAsync(db, "late");
        await ExecuteAsync(late, OldInsert);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_update_of_a_source_is_old_unless_it_gives_the_derived_value_itself(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Doubled);
        await using NpgsqlConnection web = await AppAsync(db, "web-1");
        await ExecuteAsync(web, "UPDATE orders SET amount = 500, doubled = 1000 WHERE id = 1");
        await ExecuteAsync(web, "UPDATE orders SET note = 'seen' WHERE id = 1");
        await ExecuteAsync(web, "UPDATE orders SET amount = 501, doubled = 1000 WHERE id = 1");
        (await OldWritesAsync(db)).ShouldBeEmpty();

        await ExecuteAsync(web, "UPDATE orders SET amount = 502 WHERE id = 1");

        (await OldWritesAsync(db)).ShouldHaveSingleItem().Count.ShouldBe(1);
        Outcomes.Words(await db.CompleteAsync(Quiet)).ShouldContain("web-1");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_old_write_of_null_into_a_nullable_column_is_shown_and_does_not_prevent_completion(int major)
    {
        string nullable = Cases.Adds("table: orders, name: currency, type: text, backfill: \"coalesce(note, 'USD')\"");
        await using TestDatabase db = await AtGateAsync(major, nullable);
        await using NpgsqlConnection web = await AppAsync(db, "web-1");
        await ExecuteAsync(web, OldInsert);

        (await OldWritesAsync(db)).ShouldHaveSingleItem().Breaks.ShouldBeFalse();
        (await db.CompleteAsync(new CompleteRequest { QuietFor = TimeSpan.FromMilliseconds(1) })).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_transaction_of_old_code_that_commits_while_contract_waits_for_it_is_noticed(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Currency);
        db.Options = db.Options with { QuietFor = Quiet.QuietFor!.Value };
        await using NpgsqlConnection late = await AppAsync(db, "late");
        await ExecuteAsync(late, "BEGIN");
        await ExecuteAsync(late, OldInsert);
        int committed = 0;
        db.Happened = happened =>
        {
            if (happened is RunEvent.Blocked && Interlocked.Exchange(ref committed, 1) == 0)
            {
                ExecuteAsync(late, "COMMIT").GetAwaiter().GetResult();
            }
        };

        Outcomes.Words(await db.CompleteAsync()).ShouldContain("late (role ");

        committed.ShouldBe(1);
        ChangeRecord record = (await db.FindAsync())!;
        (record.Status, record.Stage).ShouldBe((ChangeStatus.Waiting, "switch"));
        (await db.ColumnAsync("SELECT currency FROM orders WHERE id > 300")).ShouldBe(["USD"]);
        db.Options = db.Options with { QuietFor = TimeSpan.Zero };
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    private static async Task<TestDatabase> AtGateAsync(int major, string change)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        return db;
    }

    private static async Task<NpgsqlConnection> AppAsync(TestDatabase db, string application)
    {
        NpgsqlConnectionStringBuilder address = new(db.ConnectionString)
        {
            ApplicationName = application,
            Pooling = false,
        };
        NpgsqlConnection connection = new(address.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<IReadOnlyList<OldWrites>> OldWritesAsync(TestDatabase db) =>
        (await db.WithTargetAsync(target => target.StatusAsync("0001_test"))).OldWrites ?? [];
}
