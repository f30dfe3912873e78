using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done, or not safely, is said before anything is changed.</summary>
public class KindRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE VIEW a_view AS SELECT * FROM orders;
            CREATE INDEX orders_region_idx ON orders (region);
            CREATE TABLE lines (order_id bigint CONSTRAINT of_order REFERENCES orders, n int UNIQUE);
            CREATE TABLE strays (order_id bigint); INSERT INTO strays VALUES (1), (1000), (NULL);
            CREATE TABLE codes (code text NOT NULL); INSERT INTO codes VALUES ('a'), ('b');
            CREATE UNIQUE INDEX codes_code ON codes (code);
            CREATE TABLE by_index (code text REFERENCES codes (code));
            CREATE TABLE identified (id int NOT NULL); CREATE UNIQUE INDEX identified_id ON identified (id);
            ALTER TABLE identified REPLICA IDENTITY USING INDEX identified_id;
            CREATE TABLE parts (id int NOT NULL, n int) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE INDEX parts_n ON parts (n); ALTER TABLE parts ADD CONSTRAINT sane CHECK (n > 0);
            CREATE TABLE published (id int PRIMARY KEY); CREATE PUBLICATION p FOR TABLE published;
            CREATE TABLE regions (region text, checked varchar(10) CHECK (checked <> ''));
            CREATE INDEX ON regions (region);
            CREATE TABLE excluded (during int4range, EXCLUDE USING gist (during WITH &&));
            CREATE INDEX left_over ON regions (checked); CREATE INDEX left_over_ccnew ON regions (checked);
            CREATE TABLE unlike (id int, n int DEFAULT 5) PARTITION BY RANGE (id);
            CREATE TABLE unlike_1 PARTITION OF unlike FOR VALUES FROM (0) TO (9);
            ALTER TABLE unlike_1 ALTER n SET DEFAULT 7;
            CREATE TABLE leafy (id int, n varchar(5)) PARTITION BY RANGE (id);
            CREATE TABLE leafy_1 PARTITION OF leafy FOR VALUES FROM (0) TO (9); CREATE INDEX ON leafy_1 (lower(n));
            CREATE TABLE heirs_of (id int); CREATE TABLE heir () INHERITS (heirs_of);
            CREATE VIEW grouped AS SELECT id, note FROM orders GROUP BY id;
            CREATE FUNCTION harm() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DROP TABLE strays; RETURN 1; END $$;

            """;

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        .. ColumnAndIndexRefusals.All,
        .. ConstraintRefusals.All,
        .. RowAndSqlRefusals.All,
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_operation_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    /// <summary>
    /// A duplicate that comes while the index is built fails the build, and nothing of it stays in the
    /// app's way.
    /// </summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_duplicate_inserted_during_the_build_leaves_no_invalid_index(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.StepStarted { Step.Id: var id }
                && id.Contains("key-index", StringComparison.Ordinal)
            )
            {
                db.ExecuteAsync("INSERT INTO orders (amount) VALUES (7)").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync("operations:\n  - add_unique: { table: orders, columns: [amount] }"))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "amount has no value twice: 2 of 301 rows of \"public\".\"orders\" violate this, e.g. amount=7 (2 rows)"
            );
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).ShouldBe(0);
        await db.ExecuteAsync("INSERT INTO orders (amount) VALUES (7); DELETE FROM orders WHERE amount = 7");
        (await db.ApplyAsync("operations:\n  - add_unique: { table: orders, columns: [amount] }")).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15)]
    public async Task An_index_or_constraint_altered_while_its_drop_waited_is_not_taken_for_dropped(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "ALTER TABLE orders ADD CONSTRAINT sound CHECK (amount > 0)");
        const string Index = "operations:\n  - drop_index: { index: orders_region_idx }";
        const string Check = "operations:\n  - drop_constraint: { table: orders, name: sound }";
        (await db.ApplyAsync(Index)).ShouldWaitAtGate();
        (await db.ApplyAsync(Check, change: "0002_test")).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER INDEX orders_region_idx SET (fillfactor = 80)");

        Outcomes
            .Words(await db.CompleteAsync())
            .ShouldContain(
                "the schema differs from the plan. Missing or altered: index CREATE INDEX orders_region_idx"
            );
        (await db.ScalarAsync<bool>("SELECT to_regclass('orders_region_idx') IS NOT NULL")).ShouldBeTrue();
        await db.ExecuteAsync("ALTER INDEX orders_region_idx RESET (fillfactor)");
        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.ExecuteAsync("ALTER TABLE orders DROP CONSTRAINT sound, ADD CONSTRAINT sound CHECK (amount > -1)");
        (await db.CompleteAsync("0002_test")).ShouldBeOfType<RunOutcome.Refused>();
        (
            await db.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'sound')")
        ).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15)]
    public async Task An_index_renamed_while_its_drop_waited_is_not_taken_for_dropped(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync("operations:\n  - drop_index: { index: orders_region_idx }")).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "ALTER INDEX orders_region_idx RENAME TO other; CREATE INDEX one_more ON orders (id, note)"
        );

        Outcomes
            .Words(await db.CompleteAsync())
            .ShouldContain("Missing or altered: index CREATE INDEX orders_region_idx");
        await db.ExecuteAsync("ALTER INDEX other RENAME TO orders_region_idx; DROP INDEX one_more");
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task Rollback_finds_objects_renamed_with_their_column_or_table(int major)
    {
        const string Change = """
            operations:
              - add_primary_key: { table: h, columns: [a, b] }
              - add_check: { table: t, name: cc, check: b > 0 }
              - add_unique: { table: t, columns: [a] }
              - create_index: { table: t, name: zz, columns: [b] }
              - add_foreign_key: { table: u, columns: [a], references: { table: t } }
              - drop_constraint: { table: t, name: goes }
            """;
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, a int, b int, CONSTRAINT goes CHECK (a > -1)); CREATE "
                + "TABLE h (a int, b int); CREATE TABLE u (a int); INSERT INTO t SELECT n, n, n FROM "
                + "generate_series(1, 50) n; INSERT INTO h SELECT n, n FROM generate_series(1, 50) n"
        );
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "ALTER TABLE u RENAME TO u2; ALTER TABLE t RENAME COLUMN b TO b2; ALTER TABLE t RENAME TO t2; "
                + "ALTER TABLE h RENAME COLUMN a TO a2"
        );
        (string PutBack, string Told)[] inTheWay =
        [
            ("ALTER TABLE u2 RENAME TO u", "the foreign key u_a_fkey of public.u is not as this change created it"),
            ("ALTER TABLE t2 RENAME TO t", "the foreign key u_a_fkey of public.u is not as this change created it"),
            ("ALTER TABLE t RENAME COLUMN b2 TO b", "the index zz of public.t is not as this change created it"),
            (
                "ALTER TABLE h RENAME COLUMN a2 TO a",
                "the constraint h_pkey of public.h is not as this change created it"
            ),
        ];
        foreach ((string putBack, string told) in inTheWay)
        {
            (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain(told);
            Outcomes
                .Words(await db.CompleteAsync())
                .ShouldContain("its rollback has started but has not ended. Finish the rollback; then apply again.");
            await db.ExecuteAsync(putBack);
        }

        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_rename_is_not_undone_if_another_object_has_the_old_name(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "ALTER TABLE orders ADD CONSTRAINT sound CHECK (amount > 0)");
        const string Change =
            "operations:\n  - rename_index: { index: orders_region_idx, to: by_region }\n  - "
            + "rename_constraint: { table: orders, name: sound, to: sane }\n  - drop_constraint: { table: "
            + "lines, name: of_order }";
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "CREATE INDEX orders_region_idx ON orders (note); ALTER TABLE orders ADD CONSTRAINT sound "
                + "CHECK (amount > -1)"
        );

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain(
                "public.orders has both sane and sound; one of them was created after the change was planned. "
                    + "Rename or drop that one. Then roll back again."
            );
        await db.ExecuteAsync("ALTER TABLE orders DROP CONSTRAINT sound");
        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("schema public has both by_region and orders_region_idx");
        await db.ExecuteAsync("DROP INDEX orders_region_idx");
        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_parent_whose_unique_index_is_not_valid_is_refused(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE TABLE twice (n int); INSERT INTO twice VALUES (1), (1)");
        try
        {
            await db.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY twice_n ON twice (n)");
        }
        catch (Npgsql.PostgresException)
        {
            await db.ExecuteAsync("DELETE FROM twice");
        }

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - add_foreign_key: { table: strays, columns: [order_id], references: { "
                        + "table: twice, columns: [n] } }"
                )
            )
            .ShouldContain(
                "the index twice_n, which makes them unique, is not valid. `REINDEX INDEX CONCURRENTLY twice_n` first."
            );
    }

    [Theory, PostgresVersions(18)]
    public async Task Dropping_a_not_null_that_is_depended_on_or_unproven_is_refused(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE a (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY); CREATE TABLE b (id "
                + "int); ALTER TABLE b ADD CONSTRAINT nn NOT NULL id NOT VALID"
        );

        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - drop_constraint: { table: a, name: a_id_not_null }"))
            .ShouldContain("is needed by the primary key a_pkey");
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - drop_constraint: { table: a, name: a_n_not_null }"))
            .ShouldContain("is needed by the identity column n");
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - add_primary_key: { table: b, columns: [id] }"))
            .ShouldContain("the NOT NULL nn of id was never proven");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_replaced_index_stays_until_the_new_one_was_used(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "ANALYZE orders");
        (
            await db.ApplyAsync(
                "operations:\n  - replace_index: { index: orders_region_idx, until_used: true, by: { name: "
                    + "newer, columns: [amount, note] } }"
            )
        ).ShouldWaitAtGate();

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("the server has not used \"public\".\"newer\" yet");
        (await db.ScalarAsync<bool>("SELECT to_regclass('orders_region_idx') IS NOT NULL")).ShouldBeTrue();
        await db.ExecuteAsync(
            "SET enable_seqscan = off; SELECT * FROM orders WHERE amount = 5; SELECT "
                + "pg_stat_force_next_flush(); RESET enable_seqscan"
        );
        await Eventually.TrueAsync(
            "the use is counted",
            () => db.ScalarAsync<bool>("SELECT idx_scan > 0 FROM pg_stat_user_indexes WHERE indexrelname = 'newer'")
        );

        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ScalarAsync<bool>(
                "SELECT to_regclass('orders_region_idx') IS NULL AND to_regclass('newer') IS NOT NULL"
            )
        ).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_change_has_one_gate_that_names_everything_it_waits_for(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        const string Change = """
            operations:
              - add_column: { table: orders, name: label, type: text, backfill: note }
              - drop_index: { index: orders_region_idx }
              - drop_constraint: { table: lines, name: of_order }
            """;

        GateStep gate = (await db.PlannedAsync(Change)).Steps().OfType<GateStep>().ShouldHaveSingleItem();

        gate.WaitsFor.ShouldBe(
            "every running version of the app to write orders.label itself; no running version of the app to need "
                + "index orders_region_idx; no running version of the app to need foreign key of_order of lines"
        );
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        (await db.FindAsync())!.Gate.ShouldBe(gate.WaitsFor);
        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    /// <summary>Of the name alone nothing follows.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_foreign_index_of_the_planned_name_is_neither_adopted_nor_dropped(int major)
    {
        const string Change =
            "operations:\n  - create_index: { table: orders, name: wanted, columns: [region] }\n  - "
            + "create_index: { table: orders, name: other, columns: [note] }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.StepStarted { Step.Id: var id }
                && id.Contains("enforce/index-wanted", StringComparison.Ordinal)
            )
            {
                db.ExecuteAsync("CREATE INDEX wanted ON orders (region DESC)").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("exists and does not belong to this change");
        (await db.RollbackAsync()).ShouldBeRolledBack();

        (
            await db.ColumnAsync(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'orders'::regclass AND "
                    + "NOT indisprimary"
            )
        ).ShouldBe(["CREATE INDEX wanted ON public.orders USING btree (region DESC)"]);
    }
}
