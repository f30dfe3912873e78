using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// A constraint that somebody gave the planned name, after planning, is not taken for the change's own.
/// </summary>
public class NamesakeTests
{
    private const string Change =
        "table: orders, name: currency, type: char(3), nullable: false, backfill: \"CASE WHEN amount % 2 = "
        + "0 THEN 'EUR' ELSE 'USD' END\"";

    [Theory, PostgresVersions]
    public async Task Another_constraint_of_the_name_stops_the_change_and_stays(int major)
    {
        await StaysAsync(major, $"{Change}, check: \"currency <> ''\"", "orders_currency_check");
        await StaysAsync(major, $"{Change}, references: {{ table: currencies }}", "orders_currency_fkey");
        await StaysAsync(
            major,
            "table: orders, name: number, type: int, nullable: false, backfill: amount, unique: true",
            "orders_number_key"
        );
        if (major >= 18)
        {
            await StaysAsync(major, Change, "orders_currency_not_null");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_different_check_of_the_same_name_stops_the_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds($"{Change}, check: \"currency ~ '^[A-Z]{{3}}$'\"");
        await db.ApplyAsync(change, StageName.Verify);
        await db.ExecuteAsync("ALTER TABLE orders ADD CONSTRAINT orders_currency_check CHECK (length(currency) > 0)");

        (await db.ApplyAsync(change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("orders_currency_check");

        await db.ExecuteAsync("ALTER TABLE orders RENAME CONSTRAINT orders_currency_check TO mine");
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'c' "
                    + "AND convalidated"
            )
        ).ShouldBe(2);
    }

    /// <summary>What the server prints depends on the session; whether a step is applied must not.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task The_check_that_a_change_added_is_found_under_any_session_settings(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "CREATE TYPE mood AS ENUM ('sad');");
        string change = Cases.Adds(
            "table: orders, name: at, type: timestamptz, nullable: false, backfill: \"now() + amount * "
                + "interval '1 s'\", check: \"at > '2001-02-03 04:05:06+00' AND at + '1 mon 2 days' > '2001-01-01 "
                + "00:00+00' AND 'sad'::mood = 'sad'\""
        );
        await db.ApplyAsync(change, StageName.Verify);
        await db.ExecuteAsync(
            $"ALTER DATABASE {db.Name} SET timezone = 'Asia/Tokyo'; ALTER DATABASE {db.Name} SET datestyle "
                + $"= 'German'; ALTER DATABASE {db.Name} SET intervalstyle = 'iso_8601'; ALTER DATABASE {db.Name} "
                + "SET search_path = public, pg_temp"
        );
        Npgsql.NpgsqlConnection.ClearAllPools();

        RunOutcome enforced = await db.ApplyAsync(change, StageName.Enforce);
        enforced.ShouldBeOfType<RunOutcome.StoppedAfter>(Outcomes.Words(enforced));
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        db.EventsOf<RunEvent.Note>().ShouldBeEmpty();
    }

    private static async Task StaysAsync(int major, string column, string name)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds(column);
        await db.ApplyAsync(change, StageName.Verify);
        await db.ExecuteAsync($"ALTER TABLE orders ADD CONSTRAINT {name} CHECK (amount > 0)");

        string message = (await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.Failed>(name).Message;

        message.ShouldContain($"\"{name}\"");
        message.ShouldContain("Rename or drop it");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (
            await db.ColumnAsync(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'orders'::regclass "
                    + "AND contype = 'c'"
            )
        ).ShouldBe(["CHECK ((amount > 0))"]);
    }
}
