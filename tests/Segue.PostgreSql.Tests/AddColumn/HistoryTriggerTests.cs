using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Trigger functions that copy whole rows break, or write into the wrong columns, as soon as their table has another
/// column.
/// </summary>
public class HistoryTriggerTests
{
    private const string Setup = """
        CREATE TABLE orders (id int PRIMARY KEY, region text NOT NULL, note text);
        INSERT INTO orders SELECT g, 'EU', 'n' FROM generate_series(1, 300) g;
        CREATE TABLE history (LIKE orders);
        CREATE TABLE orders_h (LIKE orders);
        CREATE SCHEMA audit;
        CREATE TABLE audit.log (op text, at timestamptz, by text, id int, region text, note text);
        CREATE TABLE audit.own (id int, region text, note text, changed_by text DEFAULT current_user, why text);
        CREATE SEQUENCE audit.numbers;

        """;

    private const string Flag =
        "operations:\n  - add_column: { table: orders, name: flag, type: text, default: \"'x'\" }";

    /// <summary>A function's body; the events of its trigger; what the plan says.</summary>
    private static readonly (string Body, string When, string Says)[] Breaking =
    [
        ("INSERT INTO history SELECT OLD.*; RETURN NULL;", "AFTER UPDATE OR DELETE", ""),
        ("INSERT INTO history VALUES (NEW.*); RETURN NEW;", "BEFORE UPDATE", "`INSERT INTO history VALUES (NEW.*)`"),
        (
            "INSERT INTO public.history (id, region, note) SELECT (OLD).*; RETURN NULL;",
            "AFTER UPDATE",
            "INSERT has more expressions than target columns."
        ),
        (
            "IF TG_OP = 'DELETE' THEN INSERT INTO audit.log SELECT 'D', now(), who, OLD.*; ELSE INSERT "
                + "INTO audit.log VALUES (left(TG_OP, 1), now(), TG_ARGV[0], NEW.*); END IF; RETURN NULL;",
            "AFTER INSERT OR UPDATE OR DELETE",
            "copies whole rows of orders"
        ),
        (
            "INSERT INTO audit.log SELECT nextval('audit.numbers')::text, now(), who, NEW.*; PERFORM "
                + "pg_notify('changed', NEW.id::text); RETURN NULL;",
            "AFTER UPDATE",
            "copies whole rows of orders"
        ),
        (
            "kept := OLD; INSERT INTO history VALUES (kept.*); RETURN NULL;",
            "AFTER UPDATE",
            "INSERT has more expressions than target columns."
        ),
        (
            "EXECUTE 'INSERT INTO history SELECT ($1).*' USING OLD; RETURN NULL;",
            "AFTER UPDATE",
            "INSERT has more expressions than target columns."
        ),
        (
            "EXECUTE format('INSERT INTO %I.%I SELECT ($1).*', TG_TABLE_SCHEMA, TG_TABLE_NAME || '_h') "
                + "USING OLD; RETURN NULL;",
            "AFTER UPDATE",
            "copies whole rows of orders: `INSERT INTO public.orders_h SELECT ($1).*`"
        ),
        ("PERFORM keep(NEW); RETURN NULL;", "AFTER INSERT", "function keep(orders)"),
        (
            "INSERT INTO history SELECT * FROM public.orders o WHERE o.id = NEW.id; RETURN NULL;",
            "AFTER UPDATE",
            "INSERT has more expressions than target columns."
        ),
        (
            "INSERT INTO audit.own SELECT OLD.*, 'app:alice'; RETURN NULL;",
            "AFTER UPDATE",
            "values would be written to other columns, without an error: changed_by would get old.flag."
        ),
        (
            "INSERT INTO audit.own SELECT OLD.*; RETURN NULL;",
            "AFTER UPDATE",
            "changed_by would get old.flag. Make the function name the columns it writes, as in `INSERT "
                + "INTO ... (id, region, note) SELECT old.id, old.region, old.note`."
        ),
    ];

    private static readonly string[] Bearing =
    [
        "INSERT INTO history (id, region, note) SELECT OLD.id, OLD.region, OLD.note; RETURN NULL;",
        "INSERT INTO history SELECT h.* FROM history h WHERE h.id = OLD.id GROUP BY 1, 2, 3 HAVING "
            + "count(*) > 3; RETURN NULL;",
        "IF OLD.* IS DISTINCT FROM NEW.* THEN INSERT INTO history (id, region) VALUES (NEW.id * 1, 'INSERT "
            + "INTO history SELECT OLD.*'); END IF; RETURN NULL;",
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task A_trigger_function_that_copies_rows_by_column_position_is_refused_before_anything_is_changed(
        int major
    )
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "CREATE FUNCTION keep(r orders) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
                + "history SELECT r.*; END $$;"
        );
        foreach ((string body, string when, string says) in Breaking)
        {
            await TriggerAsync(db, body, when);
            string found = Outcomes.Words(await db.ApplyAsync(Flag));
            string expected =
                says.Length > 0
                    ? says
                    : "trigger hist, function keep_history() copies whole rows of orders: `INSERT INTO "
                        + "history SELECT OLD.*`. With flag added, the server rejects that: INSERT has more "
                        + "expressions than target columns. Every statement that fires the trigger would fail.";
            found.Contains(expected).ShouldBeTrue($"{body}: {found}");
        }

        foreach (string body in Bearing)
        {
            await TriggerAsync(db, body, "AFTER UPDATE");
            (await db.PlannedAsync(Flag))
                .Hazards.Select(hazard => hazard.Code)
                .ShouldNotContain("triggers-copy-rows", body);
        }

        (
            await db.ScalarAsync<bool>(
                "SELECT NOT is_called AND NOT EXISTS (SELECT FROM history) AND (SELECT relnatts = 3 FROM "
                    + "pg_class WHERE oid = 'orders'::regclass) FROM audit.numbers"
            )
        ).ShouldBeTrue("nothing was changed, and nothing was run");
    }

    [Theory, PostgresVersions(15)]
    public async Task Rows_of_a_transition_table_are_copied_too(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + Function("INSERT INTO audit.log SELECT 'U', now(), session_user, g.* FROM gone g; RETURN NULL;")
                + "CREATE TRIGGER hist AFTER UPDATE ON orders REFERENCING OLD TABLE AS gone FOR EACH "
                + "STATEMENT EXECUTE FUNCTION keep_history();"
        );

        Outcomes
            .Words(await db.ApplyAsync(Flag))
            .ShouldContain("`INSERT INTO audit.log SELECT 'U', now(), session_user, g.* FROM gone g`");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_history_table_that_gets_the_column_first_in_the_same_change_fails_no_statement(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await TriggerAsync(db, "INSERT INTO history SELECT OLD.*; RETURN NULL;", "AFTER UPDATE OR DELETE");
        const string Later = "\n  - add_column: { table: history, name: flag, type: text }";

        Outcomes.Words(await db.ApplyAsync(Flag + Later)).ShouldContain("by operations of this change before this one");
        await db.MigrateAsync($"operations:{Later}\n{Flag["operations:\n".Length..]}", "0002_test");

        await db.ExecuteAsync("UPDATE orders SET note = 'y' WHERE id = 2; DELETE FROM orders WHERE id = 3");
        (await db.ColumnAsync("SELECT concat(id, flag) FROM history ORDER BY id")).ShouldBe(["2x", "3x"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_trigger_that_reads_whole_rows_or_cannot_be_tried_is_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE TABLE jsons (old jsonb);");
        await TriggerAsync(
            db,
            "INSERT INTO jsons VALUES (to_jsonb(OLD)); EXECUTE 'INSERT INTO ' || who || ' SELECT ($1).*' "
                + "USING OLD; RETURN NULL;",
            "AFTER UPDATE"
        );

        IReadOnlyList<Hazard> hazards = (await db.PlannedAsync(Flag)).Hazards;

        hazards.ShouldContain(hazard =>
            hazard.Code == "whole-row-values" && hazard.Message.Contains("to_jsonb(OLD) in keep_history()")
        );
        hazards.ShouldContain(hazard =>
            hazard.Code == "triggers-copy-rows"
            && hazard.Message.Contains(
                "trigger hist, function keep_history(): `EXECUTE 'INSERT INTO ' || who || ' SELECT ($1).*'`"
            )
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_error_in_a_trigger_names_trigger_function_and_statement(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE UNIQUE INDEX ON history (region);");
        await TriggerAsync(
            db,
            "INSERT INTO history (id, region) VALUES (OLD.id, OLD.region); RETURN NULL;",
            "AFTER UPDATE"
        );
        const string Names =
            "It comes from trigger hist of orders, function keep_history(), line 1, at `INSERT INTO "
            + "history (id, region) VALUES (OLD.id, OLD.region)`.";

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - add_column: { table: orders, name: size, type: int, backfill: id * 2 }"
                )
            )
            .ShouldContain("(SQLSTATE 23505), in trigger hist, function keep_history() line 1");
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - sql: { up: \"UPDATE orders SET note = 'z' WHERE id < 9\", down: SELECT 1 }",
                    change: "0002_test"
                )
            )
            .ShouldContain(Names);
    }

    private static async Task TriggerAsync(TestDatabase db, string body, string when) =>
        await db.ExecuteAsync(
            $"DROP TRIGGER IF EXISTS hist ON orders; {Function(body)} CREATE TRIGGER hist {when} ON orders "
                + "FOR EACH ROW EXECUTE FUNCTION keep_history('arg');"
        );

    private static string Function(string body) =>
        "CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $body$ DECLARE who "
        + $"text := session_user; kept record; BEGIN {body} END $body$; ";
}
