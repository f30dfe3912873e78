using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Expressions that fail in the sync trigger, while old code writes.</summary>
[Trait("kind", "add_column")]
public class SyncTriggerErrorTests
{
    [Theory, PostgresVersions(14, 16, 18)]
    public async Task An_expression_that_fails_never_fails_the_apps_statement_and_verify_names_the_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                CREATE FUNCTION picky(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
                $$ BEGIN IF n < 0 THEN RAISE EXCEPTION 'no' USING ERRCODE = 'AP001'; END IF; RETURN n; END $$;
                """
        );
        string change = Cases.Adds(
            "table: orders, name: ratio, type: int, nullable: false, backfill: 100 / amount",
            "table: orders, name: short, type: varchar(4), nullable: false, derive: \"coalesce(region, '-')\"",
            "table: orders, name: picked, type: int, derive: picky(amount)"
        );
        (await db.ApplyAsync(change, StageName.Backfill)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync(
            """
            INSERT INTO orders (amount, region) VALUES (0, 'eu'), (5, 'much too long'), (-5, 'eu');
            UPDATE orders SET region = 'too long as well' WHERE id = 1;
            UPDATE orders SET amount = -amount WHERE id = 2;
            """
        );
        (
            await db.ColumnAsync(
                "SELECT (id, ratio, short, picked)::text FROM orders WHERE id IN (1, 2) OR id > 300 ORDER BY id"
            )
        ).ShouldBe(["(1,100,,1)", "(2,50,-,)", "(301,,eu,0)", "(302,20,,5)", "(303,-20,eu,)"]);

        RunOutcome outcome = await db.ApplyAsync(change);
        outcome.ShouldBeOfType<RunOutcome.Failed>();
        await db.ExecuteAsync("UPDATE orders SET amount = 1, region = 'eu' WHERE id IN (1, 2) OR id > 300");
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    /// <summary>Whatever kind of error WHEN OTHERS lets pass, and those that an app usually retries.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task No_kind_of_error_in_an_expression_fails_the_apps_statement(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + """
                CREATE FUNCTION picky(what text) RETURNS text LANGUAGE plpgsql STABLE AS $$
                BEGIN
                  IF what = 'assert' THEN ASSERT false; END IF;
                  IF what = 'stack' THEN RETURN picky(what) || 'x'; END IF;
                  IF what LIKE '_____' THEN RAISE EXCEPTION USING ERRCODE = what; END IF;
                  RETURN what;
                END $$;
                """
        );
        await db.ExecuteAsync("UPDATE orders SET note = 'fine'");
        (
            await db.ApplyAsync(
                Cases.Adds(
                    "table: orders, name: picked, type: text, derive: picky(note)",
                    "table: orders, name: shout, type: text, backfill: upper(note)"
                )
            )
        ).ShouldWaitAtGate();
        string[] errors =
        [
            "assert",
            "stack",
            "57014",
            "57P01",
            "40001",
            "40P01",
            "53100",
            "53200",
            "54001",
            "55P03",
            "58030",
            "P0004",
            "XX000",
            "22012",
        ];

        await db.ExecuteAsync(
            "SET exit_on_error = on; INSERT INTO orders (amount, note) SELECT 1000, "
                + $"unnest(ARRAY['{string.Join("', '", errors)}', 'ok']); UPDATE orders SET note = '57014' WHERE "
                + "id = 1; RESET exit_on_error"
        );

        (
            await db.ColumnAsync(
                "SELECT concat_ws(':', note, picked, shout) FROM orders WHERE amount = 1000 OR id = 1 ORDER BY id"
            )
        ).ShouldBe(["57014:FINE", .. errors.Select(error => $"{error}:{error.ToUpperInvariant()}"), "ok:ok:OK"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_apps_own_timeout_and_cancel_reach_it_while_an_expression_runs(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE FUNCTION slow(what text) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN IF what "
                + "= 'slow' THEN PERFORM pg_sleep(600); END IF; RETURN what; END $$"
        );
        (
            await db.ApplyAsync(Cases.Adds("table: orders, name: picked, type: text, backfill: slow(note)"))
        ).ShouldWaitAtGate();

        PostgresException late = await Should.ThrowAsync<PostgresException>(() =>
            db.ExecuteAsync("SET statement_timeout = '300ms'; INSERT INTO orders (amount, note) VALUES (1000, 'slow')")
        );
        Task<PostgresException> cancelled = Should.ThrowAsync<PostgresException>(() =>
            db.ExecuteAsync("SET statement_timeout = 0; INSERT INTO orders (amount, note) VALUES (1001, 'slow')")
        );
        await Eventually.TrueAsync(
            "the app's statement is cancelled",
            async () =>
                await db.ScalarAsync<long>(
                    "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname = "
                        + "current_database() AND wait_event = 'PgSleep'"
                ) > 0
        );

        late.SqlState.ShouldBe(PostgresErrorCodes.QueryCanceled);
        (await cancelled).SqlState.ShouldBe(PostgresErrorCodes.QueryCanceled);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE amount >= 1000")).ShouldBe(0);
    }
}
