using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Rows that are written over or deleted: none twice, none lost on its way, and a way out of every failure.
/// </summary>
[Trait("kind", "backfill")]
[Trait("kind", "prune")]
public class RowKindTests
{
    private const string Prune = "operations:\n  - prune: { table: orders, where: amount > 200, archive: old }";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_column_added_after_planning_is_archived_too(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "CREATE TABLE old (LIKE orders);");
        (await db.ApplyAsync(Prune)).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE orders ADD remark text; UPDATE orders SET remark = 'precious'");

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "orders has a column that it did not have when the change was planned, and old would not get its values"
            );
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE remark = 'precious'")).ShouldBe(300);
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays.ShouldBeEmpty();

        await db.ExecuteAsync("ALTER TABLE old ADD remark text");
        await db.MigrateAsync(Prune);
        (await db.ScalarAsync<long>("SELECT count(*) FROM old WHERE remark = 'precious'")).ShouldBe(100);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(200);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_a_foreign_key_protects_are_reported_before_the_first_delete(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE TABLE lines (order_id bigint REFERENCES orders); CREATE INDEX ON lines (order_id); "
                + "INSERT INTO lines VALUES (150), (250);"
        );
        const string Some = "operations:\n  - prune: { table: orders, where: amount > 200 }";
        const string Kept =
            "1 of 300 rows of \"public\".\"orders\" violate this, e.g. id=250. The foreign key "
            + "lines_order_id_fkey prevents deleting these rows.";
        (await db.ApplyAsync(Some)).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain(Kept);
        await db.ExecuteAsync("DELETE FROM lines WHERE order_id = 250");
        (await db.ApplyAsync(Some)).ShouldWaitAtGate();
        await db.ExecuteAsync("INSERT INTO lines VALUES (250)");

        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain(Kept);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(300);
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.RolledBack>().Stays.ShouldBeEmpty();

        await db.MigrateAsync(
            "operations:\n  - prune: { table: orders, where: amount > 200 AND NOT EXISTS (SELECT FROM "
                + "lines WHERE order_id = orders.id) }"
        );
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(201);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task One_change_prunes_children_before_their_parents(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE TABLE lines (order_id bigint REFERENCES orders); CREATE INDEX ON lines (order_id); "
                + "INSERT INTO lines SELECT n FROM generate_series(1, 300) n;"
        );

        await db.MigrateAsync(
            "operations:\n  - prune: { table: lines, where: order_id > 200 }\n  - prune: { table: orders, "
                + "where: amount > 200 }"
        );

        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(200);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_refer_to_each_other_are_pruned_together_without_breaking_other_references(int major)
    {
        foreach (string archive in (string[])["", ", archive: old"])
        {
            await using TestDatabase db = await Postgres.DatabaseAsync(major);
            await db.ExecuteAsync(
                """
                CREATE TABLE comments (id int PRIMARY KEY, parent_id int REFERENCES comments (id), address text);
                INSERT INTO comments SELECT g, CASE WHEN g % 10 = 1 THEN NULL ELSE g - 1 END, repeat('b', 100)
                    FROM generate_series(1, 40000) g;
                UPDATE comments SET parent_id = 25000 WHERE id = 11;
                CREATE INDEX ON comments (parent_id);
                CREATE TABLE old (LIKE comments);
                """
            );
            string change = $"operations:\n  - prune: {{ table: comments, where: id <= 20000 or id > 35000{archive} }}";
            await db.ExecuteAsync("UPDATE comments SET parent_id = 7 WHERE id = 30001");

            (await db.ApplyAsync(change))
                .ShouldBeOfType<RunOutcome.Failed>()
                .Message.ShouldContain(
                    "no row of comments that is kept refers to a row that the prune deletes: 1 of "
                        + "40,000 rows of \"public\".\"comments\" violate this, e.g. id=30001. The foreign "
                        + "key comments_parent_id_fkey prevents deleting the rows that these refer to."
                );
            await db.ExecuteAsync("UPDATE comments SET parent_id = NULL WHERE id = 30001");
            (await db.ApplyAsync(change)).ShouldWaitAtGate();
            (await db.CompleteAsync()).ShouldBeCompleted();

            (await db.ScalarAsync<long>("SELECT count(*) FROM comments")).ShouldBe(15000);
            (await db.ScalarAsync<long>("SELECT count(*) FROM old")).ShouldBe(archive.Length == 0 ? 0 : 25000);
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_with_untraceable_references_to_each_other_are_refused_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE a (id int PRIMARY KEY, b int, boss int REFERENCES a);
            CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
            ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
            """
        );
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - prune: { table: a, where: id > 0 }"))
            .ShouldContain("the foreign key a_boss_fkey, and no index begins with its columns");
        await db.ExecuteAsync("CREATE INDEX ON a (boss)");
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - prune: { table: a, where: id > 0 }\n  - prune: { table: b, where: id > 0 }"
                )
            )
            .ShouldContain("form a cycle (a -> b -> a)");
        await db.ExecuteAsync("ALTER TABLE a ADD peer int REFERENCES a");
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - prune: { table: a, where: id > 0 }"))
            .ShouldContain("refer to each other by several foreign keys (a_boss_fkey, a_peer_fkey)");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_interrupted_prune_can_be_rolled_back_and_reports_the_deleted_rows(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id int PRIMARY KEY, note text) WITH (fillfactor = 10);
            INSERT INTO orders SELECT n, repeat('x', 100) FROM generate_series(1, 6000) n;
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'order % is kept', OLD.id; END $$;
            CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH ROW WHEN (OLD.id = 5999) EXECUTE FUNCTION keep();
            """
        );
        const string All = "operations:\n  - prune: { table: orders, where: id > 0 }";
        (await db.ApplyAsync(All)).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("order 5999 is kept");
        long left = await db.ScalarAsync<long>("SELECT count(*) FROM orders");
        left.ShouldBeInRange(1, 5999);

        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.RolledBack>()
            .Stays.ShouldBe([
                $"{6000 - left:N0} rows that \"delete rows of orders in small batches\" processed stay "
                    + "as it left them",
            ]);

        await db.ExecuteAsync("DROP TRIGGER keep ON orders");
        await db.MigrateAsync(All);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_value_that_changes_with_time_needs_a_condition_that_ends_the_backfill(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + "ALTER TABLE orders ADD at timestamptz, ADD day date;");
        foreach (
            string clock in (string[])
                [
                    "at: now()",
                    "at: current_timestamp",
                    "day: current_date",
                    "at: transaction_timestamp()",
                    "note: \"age(at)::text\"",
                ]
        )
        {
            Outcomes
                .Words(await db.ApplyAsync($"operations:\n  - backfill: {{ table: orders, set: {{ {clock} }} }}"))
                .ShouldContain("an expression gives another value each time");
        }

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - backfill: { table: orders, set: { at: now() }, where: amount > 0 }"
                )
            )
            .ShouldContain("a second run would change rows of the sample again");
        await db.MigrateAsync("operations:\n  - backfill: { table: orders, set: { at: now() }, where: at IS NULL }");
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE at IS NULL")).ShouldBe(0);
        (
            await db.ScalarAsync<long>(
                "SELECT n_tup_upd FROM pg_stat_user_tables, LATERAL (SELECT pg_stat_clear_snapshot(), "
                    + "pg_sleep(1)) AS later WHERE relname = 'orders'"
            )
        ).ShouldBeLessThanOrEqualTo(300);
    }

    /// <summary>
    /// Among many rows the few for which once is not enough: plain SQL writes them once, and so would a fill that is
    /// not interrupted.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_row_that_would_change_twice_is_found_before_any_row_is_written(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE people (id int PRIMARY KEY, phone text); INSERT INTO people SELECT n, CASE WHEN "
                + "n = 29999 THEN '00049' WHEN n % 3 = 0 THEN '049' ELSE '49' END FROM generate_series(1, 30000) n"
        );

        (
            await db.ApplyAsync(
                "operations:\n  - backfill: { table: people, set: { phone: \"regexp_replace(phone, '^0', '')\" } }"
            )
        )
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "a second run would not change a row again: 1 of 30,000 rows of "
                    + "\"public\".\"people\" violate this, e.g. id=29999. Nothing was written."
            );

        (await db.ScalarAsync<long>("SELECT count(*) FROM people WHERE phone LIKE '0%'")).ShouldBe(10001);
        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_repair_that_can_correct_no_row_writes_nothing(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE parents (id int PRIMARY KEY); INSERT INTO parents SELECT generate_series(1, "
                + "100); CREATE TABLE orders (id int PRIMARY KEY, parent int NOT NULL); INSERT INTO orders SELECT "
                + "n, n FROM generate_series(1, 110) n"
        );
        foreach (
            (string repair, string what) in (IEnumerable<(string, string)>)
                [
                    ("999", "a repaired row satisfies the constraint: 10 of 110 rows"),
                    ("null", "parent gets a value: 10 of 110 rows"),
                ]
        )
        {
            (
                await db.ApplyAsync(
                    $"operations:\n  - add_foreign_key: {{ table: orders, columns: [parent], references: "
                        + $"{{ table: parents }}, repair: {{ parent: \"{repair}\" }} }}"
                )
            )
                .ShouldBeOfType<RunOutcome.Failed>()
                .Message.ShouldContain(what);
            (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE parent = id")).ShouldBe(110);
            (await db.RollbackAsync()).ShouldBeRolledBack();
        }

        await db.MigrateAsync(
            "operations:\n  - add_foreign_key: { table: orders, columns: [parent], references: { table: "
                + "parents }, repair: { parent: \"7\" } }"
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Rows_that_a_prune_leaves_are_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 300);
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION keep();
            """
        );
        const string Some = "operations:\n  - prune: { table: orders, where: id < 100 }";
        (await db.ApplyAsync(Some)).ShouldWaitAtGate();
        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("no row of orders remains that the condition selects: 99 of 300 rows");
        (await db.RollbackAsync()).ShouldBeRolledBack();

        await db.ExecuteAsync(
            "DROP TRIGGER keep ON orders; CREATE RULE keep AS ON DELETE TO orders DO INSTEAD NOTHING"
        );
        Outcomes
            .Words(await db.ApplyAsync(Some))
            .ShouldContain("public.orders has the rule keep on DELETE, which may run something else instead.");
        await db.ExecuteAsync("DROP RULE keep ON orders");
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - prune: { table: orders, where: id < 100, archive: orders }"))
            .ShouldContain("the prune would delete them again");
    }

    private static readonly (string Second, int Passes)[] SecondBackfills =
    [
        ("set: { note: \"'x'\", code: \"'c'\" }, where: amount = 2", 1),
        ("set: { amount: 3 }", 2),
        ("set: { note: region }", 2),
        ("set: { region: \"'y'\" }", 2),
        ("set: { large: \"1.5::float8\" }, where: amount = 2", 2),
        ("set: { note: \"(SELECT max(region) FROM orders)\" }", 2),
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task Backfills_of_one_table_share_a_pass_unless_one_reads_what_another_writes(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "ALTER TABLE orders ADD large bigint, ADD code varchar(10); UPDATE orders SET large = "
                + "9007199254740993;"
        );
        foreach ((string second, int passes) in SecondBackfills)
        {
            string both =
                $"operations:\n  - backfill: {{ table: orders, set: {{ region: \"'eu'\" }}, where: amount "
                + $"= 1 }}\n  - backfill: {{ table: orders, {second} }}";
            (await db.PlannedAsync(both))
                .Steps()
                .OfType<Segue.Planning.BackfillStep>()
                .Count(step => !step.IsSweep)
                .ShouldBe(passes, second);
        }

        // What stands between them reads what the first one leaves.
        (
            await db.PlannedAsync(
                "operations:\n  - backfill: { table: orders, set: { region: \"'eu'\" } }\n  - backfill: { "
                    + "table: currencies, set: { name: \"(SELECT max(note) FROM orders)\" } }\n  - backfill: { "
                    + "table: orders, set: { note: \"'x'\" } }"
            )
        )
            .Steps()
            .OfType<Segue.Planning.BackfillStep>()
            .Count(step => !step.IsSweep)
            .ShouldBe(3);

        await db.MigrateAsync(
            "operations:\n  - backfill: { table: orders, set: { region: \"'eu'\" }, where: amount = 1 }\n  "
                + "- backfill: { table: orders, set: { note: \"'x'\", code: \"'c'\" }, where: amount = 2 }"
        );
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE (coalesce(region, '') = 'eu') IS DISTINCT FROM (amount "
                    + "= 1) AND amount IN (1, 2)"
            )
        ).ShouldBe(0);
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE (coalesce(code, '') = 'c' AND note = 'x') IS DISTINCT "
                    + "FROM (amount = 2) AND amount IN (1, 2)"
            )
        ).ShouldBe(0);
    }
}
