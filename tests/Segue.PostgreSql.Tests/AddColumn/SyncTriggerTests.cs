using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Old code and new code write the table side by side, while the change waits at its gate.</summary>
[Trait("kind", "add_column")]
public class SyncTriggerTests
{
    private const string Initial =
        "table: orders, name: currency, type: text, nullable: false, backfill: \"coalesce(upper(region), 'NONE')\"";
    private const string Derived = "table: orders, name: label, type: text, derive: \"region || ':' || amount\"";

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task An_initial_value_is_filled_once_and_later_writes_of_apps_are_kept(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Initial);
        await db.ExecuteAsync(
            """
            INSERT INTO orders (region, amount) VALUES ('old', 1000), (NULL, 1001);
            INSERT INTO orders (region, amount, currency) VALUES ('new', 1002, 'APP');
            UPDATE orders SET currency = 'APP' WHERE id = 1;
            UPDATE orders SET region = 'moved', note = 'unrelated' WHERE id IN (1, 2);
            UPDATE orders SET currency = NULL WHERE id = 3;
            INSERT INTO orders (id, region, amount) OVERRIDING SYSTEM VALUE VALUES (4, 'upsert', 1003) ON CONFLICT (id)
                DO UPDATE SET region = excluded.region;
            """
        );
        (await CurrenciesAsync(db, "amount >= 1000")).ShouldBe("OLD NONE APP");
        (await CurrenciesAsync(db, "id < 5")).ShouldBe("APP NONE EU US");
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await CurrenciesAsync(db, "id < 5")).ShouldBe("APP NONE EU US");
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_column_with_a_default_accepts_writes_of_apps_at_once(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds(
            "table: orders, name: currency, type: text, default: \"'NEW'\", backfill: upper(region)"
        );
        await db.ApplyAsync(change, StageName.Expand);
        await db.ExecuteAsync(
            """
            INSERT INTO orders (region, amount) VALUES ('old', 1000);
            INSERT INTO orders (region, amount, currency) VALUES ('new', 1001, NULL), ('new', 1002, 'APP');
            UPDATE orders SET currency = 'APP' WHERE id = 1;
            """
        );
        (await CurrenciesAsync(db, "amount >= 1000")).ShouldBe("NEW NULL APP");
        (await db.ApplyAsync(change)).ShouldBeCompleted();
        (await CurrenciesAsync(db, "id < 4 OR amount = 1002")).ShouldBe("APP NULL EU APP");
    }

    /// <summary>The zone is the plan's, whoever resumes the change.</summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task A_text_derived_from_a_time_uses_one_time_zone(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders + "ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT '2026-01-02 03:04:05+00'"
        );
        await db.ExecuteAsync($"ALTER DATABASE \"{db.Name}\" SET TimeZone = 'UTC'");
        db.Reconnect();
        string change = Cases.Adds("table: orders, name: label, type: text, derive: at::text");
        (await db.ApplyAsync(change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync($"ALTER DATABASE \"{db.Name}\" SET TimeZone = 'Asia/Tokyo'");
        db.Reconnect();
        await db.ExecuteAsync("INSERT INTO orders (region, amount) VALUES ('new', 1000)");

        (await db.ApplyAsync(change)).ShouldWaitAtGate();

        (await db.ColumnAsync("SELECT DISTINCT label FROM orders")).ShouldBe(["2026-01-02 03:04:05+00"]);
    }

    /// <summary>
    /// Where NULL is allowed an app may write it; a sequence must not be asked for its next number to tell.
    /// </summary>
    [Theory, PostgresVersions(15)]
    public async Task A_null_among_the_next_numbers_of_a_sequence_does_not_stop_verify(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "CREATE SEQUENCE numbers");
        string change = Cases.Adds("table: orders, name: number, type: bigint, default: \"nextval('numbers')\"");
        (await db.ApplyAsync(change, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync("INSERT INTO orders (region, amount, number) VALUES ('new', 1000, NULL)");

        (await db.ApplyAsync(change)).ShouldBeCompleted();

        (await db.ScalarAsync<long>("SELECT count(*) - count(DISTINCT number) FROM orders")).ShouldBe(0);
    }

    /// <summary>The text of a number or of bytes is the same whatever session writes the row.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_derived_text_does_not_depend_on_the_settings_of_the_apps_session(int major)
    {
        await using TestDatabase db = await AtGateAsync(
            major,
            "table: orders, name: label, type: text, derive: \"(amount / 3::float8)::text || ' ' || "
                + "convert_to(region, 'UTF8')::text\""
        );
        await db.ExecuteAsync(
            "SET extra_float_digits = -5; SET bytea_output = escape; INSERT INTO orders (region, amount) "
                + "VALUES ('ä', 1); UPDATE orders SET region = 'ö' WHERE id = 1; RESET ALL"
        );

        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE label IS DISTINCT FROM (amount / 3::float8)::text || ' "
                    + "' || convert_to(region, 'UTF8')::text"
            )
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_derived_column_follows_its_sources_unless_the_statement_sets_it(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Derived);
        await db.ExecuteAsync("UPDATE orders SET region = 'x', note = 'n' WHERE id IN (1, 2, 3)");
        (await LabelsAsync(db, "1, 2, 3")).ShouldBe("x:1 x:2 x:3");

        await db.ExecuteAsync(
            "UPDATE orders SET region = 'y', label = 'word' WHERE id = 1; UPDATE orders SET label = "
                + "'alone' WHERE id = 2"
        );
        (await LabelsAsync(db, "1, 2, 3")).ShouldBe("word alone x:3");

        await db.ExecuteAsync("UPDATE orders SET note = 'unrelated', region = region WHERE id IN (1, 2, 3)");
        (await LabelsAsync(db, "1, 2, 3")).ShouldBe("word alone x:3");

        // To the value it has, several rows a statement, then without setting it, all in one transaction.
        await db.ExecuteAsync(
            "BEGIN; UPDATE orders SET label = label, region = 'z' WHERE id IN (1, 2, 3); UPDATE orders SET "
                + "amount = -amount WHERE id = 3; COMMIT"
        );
        (await LabelsAsync(db, "1, 2, 3")).ShouldBe("word alone z:-3");

        await db.ExecuteAsync("UPDATE orders SET region = NULL WHERE id = 1");
        (await LabelsAsync(db, "1")).ShouldBe("NULL");
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_derived_column_follows_every_way_of_writing(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Derived);
        await db.ExecuteAsync(
            """
            INSERT INTO orders (region, amount) SELECT 'select', 1000;
            WITH gone AS (DELETE FROM orders WHERE id = 4 RETURNING amount) INSERT INTO orders (region, amount)
                SELECT 'with', amount + 2000 FROM gone;
            INSERT INTO orders (id, region, amount) OVERRIDING SYSTEM VALUE VALUES (5, 'conflict', 5) ON CONFLICT (id)
                DO UPDATE SET region = excluded.region, amount = 3000;
            CREATE FUNCTION pg_temp.write() RETURNS void
                LANGUAGE sql SET search_path = '' AS $$ UPDATE public.orders SET region = 'function', amount = 4000
                WHERE id = 6 $$;
            SELECT pg_temp.write();
            SET session_replication_role = replica;
            UPDATE orders SET region = 'replay', amount = 5000 WHERE id = 7;
            RESET session_replication_role;
            """
        );
        if (major >= 15)
        {
            await db.ExecuteAsync(
                "MERGE INTO orders USING (VALUES (8)) v (id) ON orders.id = v.id WHEN MATCHED THEN UPDATE "
                    + "SET region = 'merge', amount = 6000"
            );
        }

        (await db.ColumnAsync("SELECT label FROM orders WHERE amount >= 1000 ORDER BY amount")).ShouldBe([
            "select:1000",
            "with:2004",
            "conflict:3000",
            "function:4000",
            "replay:5000",
            .. major >= 15 ? ["merge:6000"] : Array.Empty<string>(),
        ]);
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_missing_value_is_reported_with_the_keys_of_its_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        RunOutcome outcome = await db.ApplyAsync(
            Cases.Adds("table: orders, name: ratio, type: int, nullable: false, backfill: \"nullif(amount, 77)\"")
        );
        outcome
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("ratio is filled: 1 of 300 rows of \"public\".\"orders\" violate this, e.g. id=77.");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_trigger_that_discards_updates_is_reported_by_verify(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; "
                + "CREATE TRIGGER no BEFORE UPDATE ON orders FOR EACH ROW WHEN (OLD.id = 9) EXECUTE "
                + "FUNCTION no()"
        );
        RunOutcome outcome = await db.ApplyAsync(Cases.Adds(Initial));
        outcome.ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("currency is filled: 1 of 300 rows");
        await db.ExecuteAsync(
            "CREATE OR REPLACE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
        );
        (await db.ApplyAsync(Cases.Adds(Initial))).ShouldWaitAtGate();
    }

    [Theory, PostgresVersions(14, 16, 18)]
    public async Task A_derived_column_uses_values_that_users_triggers_set(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.region := lower(NEW.region);
                    RETURN NEW; END $$;
                CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION tidy();
                """
        );
        (await db.ApplyAsync(Cases.Adds(Derived))).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "INSERT INTO orders (region, amount) VALUES ('NEW', 1000); UPDATE orders SET region = 'OLD' WHERE id = 1"
        );
        (await db.ColumnAsync("SELECT label FROM orders WHERE id IN (1, 301) ORDER BY id")).ShouldBe([
            "old:1",
            "new:1000",
        ]);
    }

    /// <summary>Nothing of an app's session decides, and an app needs no new rights.</summary>
    [Theory, PostgresVersions(14, 16, 18)]
    public async Task An_app_with_row_security_and_another_search_path_is_kept_in_sync(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + $"""
                CREATE SCHEMA hidden;
                CREATE TABLE hidden.codes AS SELECT 'eu' AS region, 'EUR' AS code;
                ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON orders USING (amount >= 1000);
                DROP ROLE IF EXISTS app_{db.Name};
                CREATE ROLE app_{db.Name};
                GRANT SELECT, INSERT (region, amount), UPDATE (region) ON orders TO app_{db.Name};
                """
        );
        (
            await db.ApplyAsync(
                Cases.Adds(
                    "table: orders, name: code, type: text, backfill: (SELECT c.code FROM hidden.codes c "
                        + "WHERE c.region = orders.region)",
                    Derived
                )
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync(
            $"""
            SET ROLE app_{db.Name};
            SET search_path = pg_temp, hidden;
            INSERT INTO public.orders (region, amount) VALUES ('eu', 1000), ('us', 1001);
            UPDATE public.orders SET region = 'us2' WHERE amount = 1001;
            RESET ROLE;
            RESET search_path;
            DROP OWNED BY app_{db.Name};
            DROP ROLE app_{db.Name};
            """
        );
        (await db.ColumnAsync("SELECT (code, label)::text FROM orders WHERE amount >= 1000 ORDER BY amount")).ShouldBe([
            "(EUR,eu:1000)",
            "(,us2:1001)",
        ]);
    }

    /// <summary>A dump taken while a change is under way restores.</summary>
    [Theory, PostgresVersions(14, 16, 18)]
    public async Task Triggers_can_be_recreated_from_the_text_that_the_server_prints(int major)
    {
        await using TestDatabase db = await AtGateAsync(major, Derived);
        IReadOnlyList<string> triggers = await db.ColumnAsync(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%'"
        );
        foreach (
            string name in await db.ColumnAsync(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE '%segue%'"
            )
        )
        {
            await db.ExecuteAsync($"DROP TRIGGER \"{name}\" ON orders");
        }

        triggers.ShouldNotBeEmpty();
        foreach (string trigger in triggers)
        {
            await db.ExecuteAsync(trigger);
        }
    }

    private static async Task<TestDatabase> AtGateAsync(int major, string column)
    {
        TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (await db.ApplyAsync(Cases.Adds(column))).ShouldWaitAtGate();
        return db;
    }

    private static Task<string> CurrenciesAsync(TestDatabase db, string where) =>
        db.ScalarAsync<string>(
            $"SELECT string_agg(coalesce(currency, 'NULL'), ' ' ORDER BY id) FROM orders WHERE {where}"
        );

    private static Task<string> LabelsAsync(TestDatabase db, string ids) =>
        db.ScalarAsync<string>(
            $"SELECT string_agg(coalesce(label, 'NULL'), ' ' ORDER BY id) FROM orders WHERE id IN ({ids})"
        );
}
