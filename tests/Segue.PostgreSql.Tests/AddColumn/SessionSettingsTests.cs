using Segue.Planning;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// A value that the sync trigger fills is the plan's, whatever the session has set that writes the row.
/// </summary>
public class SessionSettingsTests
{
    /// <summary>
    /// Each with a value that no plan has, and an expression over <c>region text, amount integer, at timestamptz</c>
    /// that it changes.
    /// </summary>
    private static readonly IReadOnlyList<(string Setting, string Value, string Expression)> Changing =
    [
        ("standard_conforming_strings", "off", @"regexp_replace(region, '\d', '#')"),
        ("transform_null_equals", "on", "coalesce((region = NULL)::text, 'unknown')"),
        ("TimeZone", "Asia/Tokyo", "at::text"),
        ("DateStyle", "SQL, DMY", "at::date::text"),
        ("IntervalStyle", "iso_8601", "make_interval(days => amount)::text"),
        ("extra_float_digits", "-5", "(amount / 3::float8)::text"),
        ("bytea_output", "escape", "convert_to(region, 'UTF8')::text"),
        ("xmlbinary", "hex", "xmlelement(name x, convert_to(region, 'UTF8'))::text"),
        ("xmloption", "document", "xml_is_well_formed(region)::text"),
        ("array_nulls", "off", "(('{' || left(region, 0) || 'NULL' || '}')::text[])[1] IS NULL"),
        ("quote_all_identifiers", "on", "quote_ident('plain')"),
        ("default_text_search_config", "pg_catalog.german", "to_tsvector(left(region, 0) || 'running')::text"),
        ("timezone_abbreviations", "India", "(('2026-01-02 00:00 ' || 'IST')::timestamptz AT TIME ZONE 'UTC')::text"),
        ("pg_trgm.similarity_threshold", "0.99", "((left(region, 0) || 'word') % 'words')::text"),
    ];

    /// <summary>
    /// Each changes nothing, or nothing that this machine's libraries show; the trigger has them all the same.
    /// </summary>
    private static readonly IReadOnlyList<string> Unproven =
    [
        "backslash_quote",
        "gin_fuzzy_search_limit",
        "lc_monetary",
        "lc_numeric",
        "lc_time",
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task No_setting_of_the_apps_session_changes_the_values_of_the_trigger(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT '2026-01-02 03:04:05+00'; "
                + "CREATE EXTENSION pg_trgm"
        );
        string[] columns =
        [
            .. Changing.Select(
                (each, i) =>
                    $"table: orders, name: c{i}, type: text, {(i % 2 == 0 ? "derive" : "backfill")}: "
                    + $"\"({each.Expression.Replace(@"\", @"\\")})::text\""
            ),
        ];
        (await db.ApplyAsync(Cases.Adds(columns))).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO orders (region, amount) VALUES ('a1', 7777)");
        string plain = await RowAsync(db, 7777);
        List<string> changed = [];

        foreach (((string setting, string value, string expression), int i) in Changing.Select((each, i) => (each, i)))
        {
            await db.ExecuteAsync(
                $"SET {setting} = '{value}'; INSERT INTO orders (region, amount) VALUES ('a1', 7777); "
                    + "UPDATE orders SET region = 'a1' WHERE amount = 7777; RESET ALL"
            );
            await db.ExecuteAsync(
                $"SET {setting} = '{value}'; CREATE TABLE seen AS SELECT ({expression})::text AS v FROM "
                    + "orders WHERE amount = 7777 LIMIT 1; RESET ALL"
            );
            if (
                await db.ScalarAsync<bool>(
                    $"SELECT (SELECT v FROM seen) IS DISTINCT FROM (SELECT c{i} FROM orders WHERE amount = "
                        + "7777 LIMIT 1)"
                )
            )
            {
                changed.Add(setting);
            }

            await db.ExecuteAsync("DROP TABLE seen");
            (await RowAsync(db, 7777)).ShouldBe(plain, setting);
        }

        changed.ShouldBe(Changing.Select(each => each.Setting));
    }

    /// <summary>
    /// Backfills that are one constant for all rows, and that a default would give otherwise in a session with the
    /// setting.
    /// </summary>
    private static readonly IReadOnlyList<(string Setting, string Value, string Type, string Backfill)> Constants =
    [
        ("DateStyle", "SQL, DMY", "date", "'01/02/2026'::text::date"),
        ("DateStyle", "SQL, DMY", "text", "('2026-01-02'::date)::text"),
        ("TimeZone", "Asia/Tokyo", "timestamptz", "'2026-01-02 03:00'::text::timestamptz"),
        ("TimeZone", "Asia/Tokyo", "date", "'2026-01-02 20:00+00'::timestamptz::date"),
        ("IntervalStyle", "iso_8601", "text", "make_interval(days => 3)::text"),
        ("extra_float_digits", "-5", "text", "(1 / 3::float8)::text"),
        ("bytea_output", "escape", "text", "convert_to('é', 'UTF8')::text"),
        ("array_nulls", "off", "bool", "(('{NULL}'::text)::text[])[1] IS NULL"),
        ("quote_all_identifiers", "on", "text", "quote_ident('plain')"),
        ("default_text_search_config", "pg_catalog.german", "tsvector", "to_tsvector('running')"),
        ("xmloption", "document", "text", "xml_is_well_formed('abc')::text"),
        (
            "timezone_abbreviations",
            "India",
            "text",
            "('2026-01-02 00:00 IST'::text::timestamptz AT TIME ZONE 'UTC')::text"
        ),
        ("search_path", "pg_catalog", "text", "house_currency()"),
        ("TimeZone", "Pacific/Kiritimati", "text", "to_char(now(), 'OF')"),
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task No_setting_of_the_apps_session_changes_the_constant_for_all_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                CREATE TABLE house (currency text); INSERT INTO house VALUES ('EUR');
                CREATE FUNCTION house_currency() RETURNS text
                    LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT currency FROM house); END $$;
                """
        );
        string[] columns =
        [
            .. Constants.Select(
                (each, i) =>
                    $"table: orders, name: c{i}, type: {each.Type}, nullable: false, backfill: \"{each.Backfill}\""
            ),
        ];
        (
            await db.ApplyAsync(
                Cases.Adds([.. columns, "table: orders, name: made, type: timestamptz, backfill: now()"])
            )
        ).ShouldWaitAtGate();
        string plain = await db.ScalarAsync<string>(
            "SELECT string_agg(DISTINCT (to_jsonb(orders) - '{id,region,amount,note,made}'::text[])::text, "
                + "'|') FROM orders"
        );

        foreach ((string setting, string value, _, _) in Constants)
        {
            await db.ExecuteAsync(
                $"SET {setting} = '{value}'; INSERT INTO public.orders (region, amount) VALUES ('a1', 7777); RESET ALL"
            );
        }

        (
            await db.ScalarAsync<string>(
                "SELECT string_agg(DISTINCT (to_jsonb(orders) - "
                    + "'{id,region,amount,note,made}'::text[])::text, '|') FROM orders"
            )
        ).ShouldBe(plain);
        (await db.ScalarAsync<long>("SELECT count(DISTINCT made) FROM orders")).ShouldBe(Constants.Count + 1);
    }

    /// <summary>A new setting of a new server fails this until somebody has judged it.</summary>
    [Theory, PostgresVersions(14, 15, 16, 17, 18)]
    public async Task Every_setting_that_a_session_may_change_is_judged(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        IReadOnlyList<string> settings = await db.ColumnAsync(
            "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE '%.%' ORDER BY 1"
        );

        settings
            .Where(setting => !ValueSettings.All.Contains(setting) && !HarmlessSettings.Contains(setting))
            .ShouldBeEmpty();
        ValueSettings.All.Except(settings).ShouldBeEmpty();
        ValueSettings.All.Except(Changing.Select(each => each.Setting)).ShouldBe(Unproven, ignoreOrder: true);
    }

    /// <summary>Those of a role whose app still needs backslashes as escapes.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_role_without_standard_conforming_strings_plans_and_fills_alike(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + $"ALTER DATABASE \"{db.Name}\" SET standard_conforming_strings = off; ALTER DATABASE "
                + $"\"{db.Name}\" SET escape_string_warning = off"
        );
        db.Reconnect();

        (
            await db.ApplyAsync(
                Cases.Adds(
                    @"table: orders, name: label, type: text, nullable: false, "
                        + @"backfill: ""regexp_replace(note || amount, '\\d', '#')"""
                )
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO orders (note, amount) VALUES ('new', 1000)");

        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE label IS DISTINCT FROM regexp_replace(note || amount, E'\\\\d', '#')"
            )
        ).ShouldBe(0);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task An_expression_independent_of_settings_sets_none(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (
            await db.ApplyAsync(
                Cases.Adds(
                    "table: orders, name: label, type: text, nullable: false, "
                        + @"backfill: ""coalesce(upper(region), 'NONE')"""
                )
            )
        ).ShouldWaitAtGate();

        (
            await db.ScalarAsync<string>(
                "SELECT array_to_string(proconfig, '; ') FROM pg_proc WHERE proname LIKE 'sync%'"
            )
        ).ShouldBe("search_path=public, pg_temp; exit_on_error=off");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task The_plan_reports_settings_that_only_the_app_sets(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE FUNCTION tenant() RETURNS text LANGUAGE sql STABLE AS $$ SELECT "
                + "current_setting('app.tenant', true) $$"
        );

        Plan plan = await db.PlannedAsync(
            Cases.Adds(
                "table: orders, name: owner, type: text, backfill: \"current_setting('app.owner', true) || "
                    + "session_user || id\"",
                "table: orders, name: tenant, type: text, backfill: \"tenant() || id\"",
                "table: orders, name: plain, type: text, backfill: upper(region)"
            )
        );

        string[] said =
        [
            .. plan.Hazards.Where(hazard => hazard.Code == "reads-session").Select(hazard => hazard.Message),
        ];
        said.Length.ShouldBe(2);
        said[0].ShouldContain("current_setting(), session_user");
        said[1].ShouldContain("tenant()");
    }

    private static Task<string> RowAsync(TestDatabase db, int amount) =>
        db.ScalarAsync<string>(
            $"SELECT string_agg(DISTINCT (to_jsonb(orders) - 'id')::text, '|') FROM orders WHERE amount = {amount}"
        );
}
