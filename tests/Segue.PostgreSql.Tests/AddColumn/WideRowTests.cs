using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Rows that are mostly stored out of line, filled from what is stored there: each value is read once.
/// </summary>
public class WideRowTests
{
    private const string Rows = """
        INSERT INTO docs (id, kind, body) SELECT g, g % 3, CASE WHEN g % 10 > 0 THEN g || repeat('x', 30000) END
            FROM generate_series(1, 60) g;
        """;

    private const string Table =
        "CREATE TABLE docs (id int PRIMARY KEY, kind int NOT NULL, body text); ALTER TABLE docs ALTER body "
        + "SET STORAGE EXTERNAL;";

    private const string Letters = "table: docs, name: letters, type: int, backfill: length(docs.body)";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_value_is_read_once_for_each_row_and_a_row_that_gives_NULL_is_not_written(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table + Rows);
        BackfillTarget target = await ExpandedAsync(db, Letters);
        const string Unwritten =
            "SELECT string_agg(ctid::text || xmin::text, ' ' ORDER BY id) FROM docs WHERE body IS NULL";
        string unwritten = await db.ScalarAsync<string>(Unwritten);
        long plain = await ToastBlocksAsync(db, "SELECT sum(length(body)) FROM docs");

        (await ToastBlocksAsync(db, WithRange(target.FillRest))).ShouldBe(plain);

        (await db.ApplyAsync(Cases.Adds(Letters))).ShouldWaitAtGate();
        (await db.ScalarAsync<long>("SELECT count(*) FROM docs WHERE letters IS DISTINCT FROM length(body)")).ShouldBe(
            0
        );
        (await db.ScalarAsync<string>(Unwritten)).ShouldBe(unwritten);
    }

    /// <summary>A value that was computed from another version of the row would be wrong.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_row_written_between_computing_and_writing_is_left_to_the_next_pass(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table + Rows);
        BackfillTarget target = await ExpandedAsync(db, Letters);
        await using NpgsqlConnection app = await db.OpenAsync();
        await using NpgsqlTransaction writing = await app.BeginTransactionAsync();
        await ExecuteAsync(
            app,
            "UPDATE docs SET body = 'short' WHERE id = 3; UPDATE docs SET letters = -1 WHERE id = 4"
        );
        await using NpgsqlConnection session = await db.OpenAsync();
        Task<int> filling = ExecuteAsync(session, "SET enable_seqscan = off; " + WithRange(target.FillRest));
        await Eventually.TrueAsync(
            "the fill waits for the app's rows",
            () => db.ScalarAsync<bool>($"SELECT {app.ProcessID} = ANY (pg_blocking_pids({session.ProcessID}))")
        );

        await writing.CommitAsync();

        (await filling).ShouldBe(52);
        (await db.ColumnAsync("SELECT letters FROM docs WHERE id IN (2, 3, 4) ORDER BY id")).ShouldBe([
            "30001",
            "NULL",
            "-1",
        ]);
        (await db.ApplyAsync(Cases.Adds(Letters))).ShouldWaitAtGate();
        (await db.ColumnAsync("SELECT letters FROM docs WHERE id IN (2, 3, 4) ORDER BY id")).ShouldBe([
            "30001",
            "5",
            "-1",
        ]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Several_columns_of_partitions_are_filled_together_past_failing_rows_and_values_of_apps(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TYPE size AS ENUM ('small', 'large');
            CREATE TABLE docs (id int GENERATED ALWAYS AS IDENTITY, kind int, body text,
                twice int GENERATED ALWAYS AS (kind * 2) STORED, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
            ALTER TABLE docs ALTER body SET STORAGE EXTERNAL;
            CREATE TABLE docs_0 PARTITION OF docs FOR VALUES IN (0);
            CREATE TABLE docs_1 PARTITION OF docs FOR VALUES IN (1, 2);
            """
                + Rows.Replace(
                    "(id, kind, body) SELECT",
                    "(id, kind, body) OVERRIDING SYSTEM VALUE SELECT",
                    StringComparison.Ordinal
                )
        );
        string change = Cases.Adds(
            Letters,
            "table: docs, name: size, type: size, backfill: \"(CASE WHEN length(body) > 30001 THEN 'large' "
                + "ELSE 'small' END)::size\"",
            "table: docs, name: rate, type: bigint, backfill: 100000 / (length(body) - 3)"
        );
        (await db.PlannedAsync(change)).ShouldFillOnce(true);
        (await db.ApplyAsync(change, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync(
            "UPDATE docs SET body = 'bad' WHERE id IN (7, 17); UPDATE docs SET rate = -1, size = 'large' "
                + "WHERE id IN (7, 8)"
        );

        string message = (await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.Failed>().Message;

        message.ShouldContain("division by zero (SQLSTATE 22012) for id=17");
        (
            await db.ColumnAsync(
                """
                SELECT id || ' ' || coalesce(letters::text, '-') || ' ' || coalesce(size::text, '-') || ' '
                    || coalesce(rate::text, '-') FROM docs
                WHERE letters IS DISTINCT FROM length(body)
                   OR size IS DISTINCT FROM (CASE WHEN length(body) > 30001 THEN 'large' ELSE 'small' END)::size
                   OR rate IS DISTINCT FROM CASE WHEN length(body) > 3 THEN 100000 / (length(body) - 3) END
                ORDER BY id
                """
            )
        ).ShouldBe(["7 3 large -1", "8 30001 large -1", "17 - - -"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Assignments_are_computed_once_unless_one_takes_its_type_from_its_column(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Table + Rows + "CREATE TYPE mood AS ENUM ('bad', 'good'); ALTER TABLE docs ADD letters int, ADD mood mood"
        );
        const string Backfill =
            "operations:\n  - backfill: { table: docs, set: { letters: length(docs.body) }, where: id > 5 }";
        const string Mood =
            "operations:\n  - backfill: { table: docs, set: { letters: length(docs.body) + 1, mood: \"'good'\" } }";

        (await db.PlannedAsync(Backfill)).ShouldFillOnce(true);
        (await db.PlannedAsync(Mood)).ShouldFillOnce(false);
        await db.MigrateAsync(Backfill);
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM docs WHERE letters IS DISTINCT FROM CASE WHEN id > 5 THEN length(body) END"
            )
        ).ShouldBe(0);
        await db.MigrateAsync(Mood, "0002_mood");

        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM docs WHERE letters IS DISTINCT FROM length(body) + 1 OR mood IS "
                    + "DISTINCT FROM 'good'"
            )
        ).ShouldBe(0);
    }

    /// <summary>A value that is handed on as it is stored is not read to find out that it is there.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_fill_that_reads_few_large_values_is_a_plain_update(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Table + Rows);

        (await db.PlannedAsync(Cases.Adds(Letters))).ShouldFillOnce(true);
        (
            await db.PlannedAsync(
                Cases.Adds("table: docs, name: copy, type: text, backfill: \"coalesce(body, 'none')\"")
            )
        ).ShouldFillOnce(false);
        (await db.PlannedAsync(Cases.Adds("table: docs, name: twice, type: int, backfill: kind * 2"))).ShouldFillOnce(
            false
        );
        (
            await db.PlannedAsync(
                Cases.Adds("table: docs, name: some, type: int, backfill: (random() * length(body))::int")
            )
        ).ShouldFillOnce(false);
        await db.ExecuteAsync(
            "TRUNCATE docs; INSERT INTO docs SELECT g, 1, repeat('x', 1000) FROM generate_series(1, 100) g"
        );
        (await db.PlannedAsync(Cases.Adds(Letters))).ShouldFillOnce(false);
    }

    private static async Task<BackfillTarget> ExpandedAsync(TestDatabase db, string column)
    {
        Plan plan = await db.PlannedAsync(Cases.Adds(column));
        (await db.ApplyAsync(Cases.Adds(column), StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        return plan.Steps().OfType<BackfillStep>().First().Targets.Single();
    }

    private static string WithRange(string statement) =>
        statement
            .Replace("$1", "'(0,0)'::tid", StringComparison.Ordinal)
            .Replace("$2", "'(4294967294,0)'::tid", StringComparison.Ordinal);

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 120 };
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> ToastBlocksAsync(TestDatabase db, string statement)
    {
        await using NpgsqlConnection connection = await db.OpenAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "SET LOCAL enable_seqscan = off");
        long before = await ReadAsync();
        await ExecuteAsync(connection, statement);
        return await ReadAsync() - before;

        async Task<long> ReadAsync()
        {
            await using NpgsqlCommand blocks = new(
                "SELECT pg_stat_get_xact_blocks_fetched(reltoastrelid) FROM pg_class WHERE relname = 'docs'",
                connection
            );
            return (long)(await blocks.ExecuteScalarAsync())!;
        }
    }
}

file static class WideRowPlans
{
    /// <summary>Whether the fill of each table that has rows of its own computes its values once.</summary>
    public static void ShouldFillOnce(this Plan plan, bool expected) =>
        plan.Steps()
            .OfType<BackfillStep>()
            .First()
            .Targets.ShouldAllBe(target =>
                target.FillPart.Contains("OFFSET 0", StringComparison.Ordinal) == expected
                && target.FillRest.Contains("OFFSET 0", StringComparison.Ordinal) == expected
            );
}
