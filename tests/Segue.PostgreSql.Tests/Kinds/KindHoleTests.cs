using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Where other tools are known to fail with these kinds.</summary>
public class KindHoleTests
{
    /// <summary>
    /// What the catalog can hold, or a scan can prove, writes no row and gives the table no new file.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Constraints_indexes_and_attributes_write_no_row(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "CREATE TABLE kinds (kind int PRIMARY KEY); INSERT INTO kinds SELECT generate_series(1, 300);"
        );
        const string Rows =
            "SELECT string_agg(format('%s %s', ctid, xmin), ',' ORDER BY id) || "
            + "pg_relation_filenode('orders') FROM orders";
        string before = await db.ScalarAsync<string>(Rows);

        await db.MigrateAsync(
            """
            operations:
              - alter_column: { table: orders, name: note, comment: What it says, default: "''", statistics: 500,
                  storage: external }
              - alter_column: { table: orders, name: region, type: varchar }
              - alter_column: { table: orders, name: amount, nullable: true }
              - add_check: { table: orders, check: amount > 0 }
              - add_unique: { table: orders, columns: [amount] }
              - add_foreign_key: { table: orders, columns: [amount], references: { table: kinds } }
              - rename_constraint: { table: orders, name: orders_pkey, to: orders_id }
              - create_index: { table: orders, columns: [note] }
            """
        );

        (await db.ScalarAsync<string>(Rows)).ShouldBe(before);
    }

    /// <summary>Two rows that are different texts may be one value for the index.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Duplicates_are_judged_as_the_index_will_judge_them(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'a@b'), (2, "
                + "'A@B'), (3, NULL), (4, NULL)"
        );
        const string ByCase =
            "operations:\n  - create_index: { table: users, unique: true, columns: [{ expression: lower(email) }] }";

        (await db.ApplyAsync(ByCase))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("lower(email)=a@b (2 rows)");

        (await db.ScalarAsync<long>("SELECT count(*) FROM users")).ShouldBe(4);
        await db.ExecuteAsync("UPDATE users SET email = 'c@d' WHERE id = 2");
        (await db.ApplyAsync(ByCase)).ShouldBeCompleted();
    }

    /// <summary>A column's name may be part of another's, of a function's and of a constant.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Names_within_other_words_are_not_replaced(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, paid int, void text); INSERT INTO t SELECT n, n + 1, 'id "
                + "' || n FROM generate_series(1, 50) n; CREATE VIEW seen AS SELECT id, paid, 'id of t' AS "
                + "void FROM t"
        );

        await db.MigrateAsync(
            "operations:\n  - add_check: { table: t, check: \"paid > id AND void <> 'id'\" }\n  - "
                + "backfill: { table: t, set: { void: \"'paid ' || id\" } }"
        );
        await db.MigrateAsync("operations:\n  - rename_table: { table: t, to: paid_t }", "0002_test");

        (
            await db.ScalarAsync<string>(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'paid_t'::regclass "
                    + "AND contype = 'c'"
            )
        ).ShouldBe("CHECK (((paid > id) AND (void <> 'id'::text)))");
        (await db.ScalarAsync<string>("SELECT pg_get_viewdef('seen')")).ShouldContain("'id of t'::text AS void");
        (await db.ScalarAsync<long>("SELECT count(*) FROM paid_t WHERE void <> 'paid ' || id")).ShouldBe(0);
    }

    /// <summary>
    /// A value that comes out differently each time is computed once, and is the same in the row and in every
    /// index.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_volatile_value_is_computed_once(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Cases.Orders
                + "ALTER TABLE orders ADD token text; CREATE INDEX by_token ON orders (token); CREATE INDEX "
                + "by_hash ON orders USING hash (token);"
        );

        await db.MigrateAsync(
            "operations:\n  - backfill: { table: orders, set: { token: gen_random_uuid()::text }, where: "
                + "token IS NULL }"
        );

        (await db.ScalarAsync<long>("SELECT count(DISTINCT token) FROM orders")).ShouldBe(300);
        (
            await db.ScalarAsync<long>(
                "SELECT n_tup_upd FROM pg_stat_user_tables, LATERAL (SELECT pg_stat_clear_snapshot(), "
                    + "pg_sleep(1)) AS later WHERE relname = 'orders'"
            )
        ).ShouldBeLessThanOrEqualTo(300);
        await db.ExecuteAsync("SET enable_seqscan = off; SET enable_indexscan = off");
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders o WHERE EXISTS (SELECT FROM orders i WHERE i.token = o.token "
                    + "AND i.id = o.id)"
            )
        ).ShouldBe(300);
    }
}
