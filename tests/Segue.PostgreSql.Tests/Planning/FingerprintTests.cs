using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Planning;

public class FingerprintTests
{
    [Theory, PostgresVersions(15, 18)]
    public async Task An_object_that_only_resembles_one_of_Segue_belongs_to_the_user(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
                CREATE TRIGGER my_segue_x BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION pass();
                ALTER TABLE orders ADD CONSTRAINT segue_nn_mine CHECK (amount > 0);
                """
        );
        string change = Cases.Adds(
            "table: orders, name: label, type: text, nullable: false, backfill: \"coalesce(region, '')\""
        );
        await db.ApplyAsync(change, StageName.Expand);
        await db.ExecuteAsync("DROP TRIGGER my_segue_x ON orders; ALTER TABLE orders DROP CONSTRAINT segue_nn_mine");

        string what = Outcomes.Words((await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.Refused>());

        what.ShouldContain("trigger public.orders.my_segue_x");
        what.ShouldContain("constraint public.orders.segue_nn_mine");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task Objects_of_the_change_are_not_in_its_fingerprint(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds(
            "table: orders, name: label, type: text, nullable: false, derive: \"coalesce(region, '')\""
        );
        Plan plan = await db.PlannedAsync(change);
        await db.ApplyAsync(change);
        await using PostgresEngine engine = db.Engine();

        IReadOnlyList<string> now = await engine.Execution.Questions.FingerprintAsync(plan, CancellationToken.None);

        now.Where(line => line.Contains("segue", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>
    /// Constants in a definition are printed as the session's settings say; another role, or the same one tomorrow, may
    /// have others.
    /// </summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task Settings_of_a_role_or_database_alter_nothing(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                ALTER TABLE orders ADD COLUMN created timestamptz, ADD COLUMN weight float8, ADD COLUMN raw bytea,
                    ADD COLUMN price money,
                  ADD CHECK (created > '2000-01-01 00:00:00+00'), ADD CHECK (weight < 0.1::float8 + 0.2::float8),
                      ADD CHECK (raw <> '\\x00'), ADD CHECK (price > '1'::money);
                """
        );
        string change = Cases.Adds(
            "table: orders, name: label, type: text, nullable: false, backfill: \"coalesce(region, '')\", "
                + "check: \"label <> '2001-02-03'::date::text\""
        );
        PlanJson.Canonical(await db.PlannedAsync(change)).ShouldNotContain("set_config('quote_all_identifiers'");
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        foreach (
            string setting in new[]
            {
                "TimeZone = 'Asia/Tokyo'",
                "DateStyle = 'German, DMY'",
                "quote_all_identifiers = on",
                "extra_float_digits = -5",
                "bytea_output = escape",
                "search_path = pg_catalog, public",
            }
        )
        {
            await db.ExecuteAsync($"ALTER DATABASE \"{db.Name}\" SET {setting}");
        }

        db.Reconnect();
        (await db.CompleteAsync()).ShouldBeCompleted();
        db.EventsOf<RunEvent.Note>()
            .ShouldNotContain(note => note.Message.Contains("no longer shows it", StringComparison.Ordinal));
    }
}
