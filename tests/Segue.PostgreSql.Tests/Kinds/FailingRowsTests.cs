using Segue.Engines;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Rows for which an expression, a trigger or a constraint raises an error: the others are worked on, and these are
/// told by key, count and error.
/// </summary>
public class FailingRowsTests
{
    /// <summary>None of them is there yet when the change is planned.</summary>
    private const string BadRows = "UPDATE m SET n = 0 WHERE id % 5000 = 0";

    private const string Table =
        "CREATE TABLE m (id int PRIMARY KEY, a int, n int, note text); INSERT INTO m SELECT g, 100, 1 + g "
        + "% 7, repeat('x', 60) FROM generate_series(1, 30000) g; ANALYZE m;";

    private const string SixRows =
        "6 of 30,000 rows of \"public\".\"m\" violate this, e.g. id=5000, id=10000, id=15000, id=20000, "
        + "id=25000, id=30000.";
    private const string Error =
        "division by zero (SQLSTATE 22012) for id=5000, id=10000, id=15000, id=20000, id=25000, id=30000.";

    [Theory, PostgresVersions(14, 18)]
    public async Task The_fill_continues_past_failing_rows_and_verify_reports_them(int major)
    {
        foreach (string column in (string[])["nullable: false, backfill: a / n", "backfill: a / n", "derive: a / n"])
        {
            await using TestDatabase db = await Postgres.DatabaseAsync(major);
            await db.ExecuteAsync(Table);
            string change = $"operations:\n  - add_column: {{ table: m, name: ratio, type: int, {column} }}";
            (await db.ApplyAsync(change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
            await db.ExecuteAsync(BadRows);

            string message = (await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.Failed>().Message;
            message.ShouldContain(SixRows);
            message.ShouldContain(Error);
            db.EventsOf<RunEvent.Note>()[0]
                .Message.ShouldContain(
                    "of \"public\".\"m\" cannot be filled: division by zero (SQLSTATE 22012) for id=5000"
                );
            (
                await db.ScalarAsync<string>(
                    "SELECT cursor->'failed'->>'count' FROM segue.backfill ORDER BY started_at LIMIT 1"
                )
            ).ShouldBe("6");
            (
                await db.ScalarAsync<long>(
                    "SELECT count(*) FROM m WHERE ratio IS DISTINCT FROM CASE WHEN n > 0 THEN a / n END"
                )
            ).ShouldBe(0);

            await db.ExecuteAsync("UPDATE m SET n = 1 WHERE n = 0");
            (await db.ApplyAsync(change)).ShouldWaitAtGate();
            (await db.ScalarAsync<long>("SELECT count(*) FROM m WHERE ratio IS DISTINCT FROM a / n")).ShouldBe(0);
        }
    }

    /// <summary>
    /// Each row that fails costs time: all that fail of many must not keep the first from being told.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_expression_that_fails_for_every_row_of_a_larger_table_is_refused_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table);
        foreach (string expression in (string[])["1 / (n - n)", "length(md5(repeat(note, 20000))) / (n - n)"])
        {
            PlanOutcome outcome = await db.PlanAsync(
                $"operations:\n  - add_column: {{ table: m, name: ratio, type: int, backfill: \"{expression}\" }}"
            );
            outcome
                .ShouldBeOfType<PlanOutcome.Refused>()
                .Problems.ShouldHaveSingleItem()
                .What.ShouldContain("division by zero (SQLSTATE 22012) for id=1, id=2,");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Failing_rows_of_partitions_are_reported_by_their_own_keys(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE m (id int PRIMARY KEY, n int) PARTITION BY HASH (id);
            CREATE TABLE m0 PARTITION OF m FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE m1 PARTITION OF m FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            INSERT INTO m SELECT g, 1 FROM generate_series(1, 2000) g;
            """
        );
        const string Change = "operations:\n  - add_column: { table: m, name: ratio, type: int, derive: 100 / n }";
        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync(
            """
            ALTER TABLE m DISABLE TRIGGER USER; UPDATE m SET n = 0 WHERE id = 700;
            DO $$ DECLARE name text; BEGIN FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'm'::regclass LOOP
                EXECUTE format('ALTER TABLE m ENABLE ALWAYS TRIGGER %I', name); END LOOP; END $$
            """
        );

        (await db.ApplyAsync(Change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "1 of 2,000 rows of \"public\".\"m\" violate this, e.g. id=700. They raise an error: "
                    + "division by zero (SQLSTATE 22012) for id=700."
            );
        (await db.ScalarAsync<long>("SELECT count(*) FROM m WHERE ratio = 100")).ShouldBe(1999);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_backfill_skips_and_reports_rows_that_raise_any_error(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table);
        await db.ExecuteAsync(
            """
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'row % is kept', OLD.id; END $$;
            CREATE TRIGGER keep BEFORE UPDATE ON m FOR EACH ROW WHEN (OLD.id = 777) EXECUTE FUNCTION keep();
            ALTER TABLE m ADD CHECK (a <> 12345) NOT VALID;
            UPDATE m SET n = -1 WHERE id = 888;
            """
        );
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted)
            {
                db.ExecuteAsync("UPDATE m SET n = 0 WHERE id = 29000 AND n > 0").GetAwaiter().GetResult();
            }
        };
        const string Change =
            "operations:\n  - backfill: { table: m, set: { a: \"CASE n WHEN -1 THEN 12345 ELSE 600 / n END\" } }";

        string message = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain("3 of 30,000 rows of \"public\".\"m\" violate this, e.g. ");
        message.ShouldContain("division by zero (SQLSTATE 22012) for id=29000");
        db.EventsOf<RunEvent.Note>()
            .Select(note => note.Message)
            .ShouldContain(text =>
                text.Contains("row 777 is kept (SQLSTATE P0001), in trigger ")
                && text.Contains(" for id=777")
                && text.Contains("(SQLSTATE 23514) for id=888")
            );
        (await db.ScalarAsync<long>("SELECT count(*) FROM m WHERE n > 0 AND a <> 600 / n")).ShouldBe(1);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_violate_a_check_are_reported_before_it_is_added(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table + BadRows);

        string message = (await db.ApplyAsync("operations:\n  - add_check: { table: m, name: m_c, check: a / n > 0 }"))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message;

        message.ShouldContain($"m_c satisfies its CHECK: {SixRows} They raise an error: {Error}");
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE conname = 'm_c'")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_prevent_an_index_are_reported_before_the_build(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted)
            {
                db.ExecuteAsync(BadRows).GetAwaiter().GetResult();
            }
        };

        string message = (
            await db.ApplyAsync(
                "operations:\n  - create_index: { table: m, name: m_i, columns: [{ expression: a / n }], "
                    + "unique: true, where: id > 5000 }"
            )
        )
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message;

        message.ShouldContain(
            "m_i can be built over every row: 5 of 30,000 rows of \"public\".\"m\" violate this, e.g. "
                + "id=10000, id=15000, id=20000, id=25000, id=30000. They raise an error: division by zero"
        );
        db.EventsOf<RunEvent.StepStarted>().ShouldAllBe(started => started.Step is VerifyStep);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_on_which_a_prune_condition_fails_are_reported_before_the_gate(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table + BadRows);

        string message = (await db.ApplyAsync("operations:\n  - prune: { table: m, where: a / n > 50 }"))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message;

        message.ShouldContain($"the condition can be evaluated for every row: {SixRows} They raise an error: {Error}");
        (await db.ScalarAsync<long>("SELECT count(*) FROM m")).ShouldBe(30000);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_already_fail_are_reported_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Table
                + BadRows
                + "; CREATE TABLE small (id int PRIMARY KEY, t text); INSERT INTO small VALUES (1, '1'), (2, 'two')"
        );

        foreach (
            string change in (string[])
                [
                    "add_column: { table: m, name: ratio, type: int, backfill: a / n }",
                    "backfill: { table: m, set: { a: 600 / n } }",
                ]
        )
        {
            Outcomes
                .Words((await db.ApplyAsync($"operations:\n  - {change}")).ShouldBeOfType<RunOutcome.Refused>())
                .ShouldContain(
                    $"the expression raises an error for 6 of the 30,000 rows of public.m that it was tried on: {Error}"
                );
        }

        db.Planning = db.Planning with { SmallTableBytes = 1024 * 1024 };
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - add_column: { table: small, name: n, type: int, backfill: \"t::int\" }"
                )
            )
            .ShouldContain(
                "the expression raises an error for 1 of the 2 rows of public.small that it was tried on: invalid "
                    + "input syntax for type integer: \"two\" (SQLSTATE 22P02) for id=2."
            );
    }

    /// <summary>Where it lies no sample has a block.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_failing_row_of_a_quickly_read_table_is_reported_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE m (id int PRIMARY KEY, n int, note text); INSERT INTO m SELECT g, CASE g WHEN "
                + "9000 THEN 0 ELSE 1 END, repeat('x', 800) FROM generate_series(1, 20000) g; ANALYZE m"
        );

        Outcomes
            .Words(
                (
                    await db.ApplyAsync(
                        "operations:\n  - add_column: { table: m, name: ratio, type: int, backfill: 100 / n }"
                    )
                ).ShouldBeOfType<RunOutcome.Refused>()
            )
            .ShouldContain(
                "the expression raises an error for 1 of the 20,000 rows of public.m that it was tried on: division by "
                    + "zero (SQLSTATE 22012) for id=9000."
            );
    }

    [Fact]
    public async Task Keys_that_cannot_be_displayed_are_still_reported()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(18);
        await db.Server.ExecuteAsync("CREATE DATABASE bytes ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0");
        await using TestDatabase bytes = new(
            db.Server,
            "bytes",
            db.ConnectionString.Replace($"Database={db.Name}", "Database=bytes", StringComparison.Ordinal)
        );
        foreach (
            (TestDatabase at, string shown) in ((TestDatabase, string)[])
                [(db, @"id=\u001B[31m\u202Eé, b=\x00ff"), (bytes, @"id=\u001B[31m\342\200\256\303\251, b=\x00ff")]
        )
        {
            await at.ExecuteAsync(
                """
                CREATE TABLE k (id text, b bytea, n int, PRIMARY KEY (id, b));
                INSERT INTO k VALUES (concat(E'\x1b[31m', convert_from('\xe280aec3a9', getdatabaseencoding())),
                    '\x00ff', 0), ('b', '\x01', 1);
                """
            );
            (await at.ApplyAsync("operations:\n  - add_check: { table: k, name: k_c, check: 1 / n > 0 }"))
                .ShouldBeOfType<RunOutcome.Failed>()
                .Message.ShouldContain($"(SQLSTATE 22012) for {shown}.");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_fill_whose_rows_all_fail_ends_soon(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table);
        const string Change = "operations:\n  - add_column: { table: m, name: ratio, type: int, backfill: a / n }";
        (await db.ApplyAsync(Change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync("UPDATE m SET n = 0");

        string message = (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Failed>().Message;
        message.ShouldContain("rows of \"public\".\"m\" cannot be filled: division by zero (SQLSTATE 22012) for ");
        message.ShouldContain("These are too many to skip: the fill was stopped.");

        await db.ExecuteAsync("UPDATE m SET n = 1");
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        (await db.ScalarAsync<long>("SELECT count(*) FROM m WHERE ratio IS NULL")).ShouldBe(0);
    }
}
