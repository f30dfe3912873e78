using Segue.Availability.Support;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Traffic;
using Segue.Running;
using Segue.Testing;

namespace Segue.Availability.Waiting;

/// <summary>
/// An ordinary owner of the tables cannot see what sessions of other roles do, nor how old their transactions
/// are; what it can see
/// must do.
/// </summary>
public class PlainOwnerTests
{
    [Theory, PostgresVersions(14, 17)]
    public async Task Brief_transactions_of_other_roles_are_not_taken_for_long_ones(int major)
    {
        await using TestDatabase admin = await CreateAsync(major);
        await using TestDatabase owner = As(admin, "owner");
        await using TrafficRun app = await Bystanders.OfAsync(As(admin, "app").ConnectionString);
        await Until.TrueAsync(() => app.Summary().Requests > 10, "the app is at work");
        owner.Options = owner.Options with { LockWait = TimeSpan.FromMinutes(1) };

        await owner.MigrateAsync(Tables.Currency);

        await app.ShouldHaveNoticedNothingAsync();
        (await admin.WrongCurrenciesAsync()).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 17)]
    public async Task A_long_transaction_of_another_role_is_waited_for_and_is_named_by_pid(int major)
    {
        await using TestDatabase admin = await CreateAsync(major);
        await using TestDatabase owner = As(admin, "owner");
        await using TrafficRun bystanders = await Bystanders.OfAsync(As(admin, "app").ConnectionString);
        await using Session reader = await Session.InTransactionAsync(
            As(admin, "app").ConnectionString,
            "report-job",
            "SELECT count(*) FROM orders"
        );
        owner.Options = owner.Options with { LockWait = TimeSpan.FromSeconds(3) };

        Blocker[] blockers =
        [
            .. (await owner.ApplyAsync(Tables.Note)).ShouldBeOfType<RunOutcome.LockNotObtained>().Blockers,
        ];

        blockers.ShouldContain(blocker =>
            blocker.Session == $"pid {reader.Pid}" && blocker.Application == "report-job"
        );
        await bystanders.ShouldHaveNoticedNothingAsync();
    }

    [Theory, PostgresVersions(15)]
    public async Task Rows_locked_for_long_by_another_role_are_waited_for(int major)
    {
        await using TestDatabase admin = await CreateAsync(major);
        await using TestDatabase owner = As(admin, "owner");
        (await owner.ApplyAsync(Tables.Currency, Planning.StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await using Session holder = await Session.InTransactionAsync(
            As(admin, "app").ConnectionString,
            "clerk",
            "SELECT FROM orders WHERE id = 700 FOR UPDATE"
        );
        Task<RunOutcome> applying = owner.ApplyAsync(Tables.Currency, Planning.StageName.Verify);

        // As many looks as would have been fruitless, were nobody seen to hold the row.
        await Until.TrueAsync(
            () =>
                owner.EventsOf<RunEvent.Throttled>().Count(held => held.Reason?.Contains($"pid {holder.Pid}") == true)
                > 5,
            "Segue waits for the row",
            applying
        );
        await holder.ExecuteAsync("COMMIT");

        (await applying).ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(await applying));
        (await admin.UnfilledAsync()).ShouldBe(0);
    }

    private static async Task<TestDatabase> CreateAsync(int major)
    {
        TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        await admin.CreateOrdersAsync(2000);
        await admin.ExecuteAsync(
            $"""
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'owner') THEN CREATE ROLE owner LOGIN;
              CREATE ROLE app LOGIN; END IF;
            END $$;
            GRANT CREATE ON DATABASE {admin.Name} TO owner;
            GRANT CREATE ON SCHEMA public TO owner;
            ALTER TABLE orders OWNER TO owner;
            GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
            """
        );
        return admin;
    }

    private static TestDatabase As(TestDatabase admin, string role) =>
        new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, role));
}
