using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Several changes under way on one table: those about other things go on side by side, one about the same
/// as another is refused with its name.
/// </summary>
public class PendingChangeTests
{
    private const string First =
        "operations:\n  - add_column: { table: orders, name: net, type: int, backfill: amount * 2 }\n  - "
        + "alter_column: { table: orders, name: note, default: \"'first'\", nullable: true, comment: first }";

    private const string Setup =
        Cases.Orders
        + "UPDATE orders SET note = 'n'; ALTER TABLE orders ALTER note SET NOT NULL, ADD code varchar(10), "
        + "ADD CONSTRAINT sane CHECK (amount > -5); CREATE INDEX by_region ON orders (region);";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_change_to_the_same_object_is_refused_until_the_other_change_ends(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync(First)).ShouldWaitAtGate();
        foreach (string column in (string[])["note", "net"])
        {
            Outcomes
                .Words(
                    await db.ApplyAsync(
                        $"operations:\n  - alter_column: {{ table: orders, name: {column}, default: 5 }}",
                        change: "0002_test"
                    )
                )
                .ShouldContain(
                    "the change 0001_test is not finished and works on the same object: column "
                        + $"public.orders.{column}. Complete or roll back 0001_test first"
                );
        }

        (await db.CompleteAsync()).ShouldBeCompleted();
        await db.MigrateAsync(
            "operations:\n  - alter_column: { table: orders, name: note, default: \"'second'\" }",
            "0003_test"
        );
    }

    /// <summary>What Segue itself altered meanwhile, as another plan says, is no drift.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Changes_to_different_objects_of_a_table_are_completed_in_any_order(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "ALTER TABLE orders ADD CONSTRAINT old CHECK (id > -5);");
        (await db.ApplyAsync(First)).ShouldWaitAtGate();
        (
            await db.ApplyAsync("operations:\n  - drop_index: { index: by_region }", change: "0002_test")
        ).ShouldWaitAtGate();
        await db.MigrateAsync(
            "operations:\n  - alter_column: { table: orders, name: code, type: varchar(30) }",
            "0003_test"
        );
        await db.MigrateAsync(
            "operations:\n  - rename_constraint: { table: orders, name: sane, to: saner }",
            "0004_test"
        );
        await db.MigrateAsync("operations:\n  - drop_constraint: { table: orders, name: old }", "0005_test");

        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE net = amount * 2")).ShouldBe(300);
        (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: orders, name: gross, type: int, backfill: amount * 3 }",
                change: "0006_test"
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE orders RENAME CONSTRAINT saner TO sanest");
        Outcomes
            .Words(await db.CompleteAsync("0006_test"))
            .ShouldContain("the schema differs from the plan. Missing or altered: constraint public.orders.saner");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_index_to_be_dropped_is_not_renamed_meanwhile(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync("operations:\n  - drop_index: { index: by_region }")).ShouldWaitAtGate();

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - rename_index: { index: by_region, to: regions }",
                    change: "0002_test"
                )
            )
            .ShouldContain("works on the same object: index public.by_region");

        (await db.CompleteAsync()).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_sync_trigger_does_not_count_as_a_users_trigger(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        (
            await db.ApplyAsync(
                "operations:\n  - alter_column: { table: orders, name: region, nullable: false, backfill: \"'eu'\" }"
            )
        ).ShouldWaitAtGate();

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - alter_column: { table: orders, name: region, type: varchar }",
                    change: "0002_test"
                )
            )
            .ShouldContain("an unfinished change still keeps region in sync with old code.");
    }

    /// <summary>The server was asked about the indexes and CHECKs that were there.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_is_not_changed_under_an_index_or_check_created_after_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE INDEX by_code ON orders (code);");
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - alter_column: { table: orders, name: code, type: text }\n  - "
                        + "create_index: { table: orders, columns: [{ expression: lower(code) }] }",
                    change: "0002_test"
                )
            )
            .ShouldContain("`create_index lower(code) on orders` of the same change reads code");
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - alter_column: { table: orders, name: code, type: text }\n  - "
                        + "add_column: { table: orders, name: fee, type: int, default: 0, check: fee < "
                        + "length(code) }",
                    change: "0002_test"
                )
            )
            .ShouldContain("of the same change reads code");
        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - alter_column: { table: orders, name: code, type: text }\n  - "
                        + "replace_index: { index: by_region, by: { columns: [region, code] } }",
                    change: "0002_test"
                )
            )
            .ShouldContain("of the same change reads code");
        await db.PlannedAsync(
            "operations:\n  - alter_column: { table: orders, name: code, type: text }\n  - create_index: { "
                + "table: currencies, columns: [code, name] }\n  - add_check: { table: orders, check: \"region <> "
                + "'encoded'\" }"
        );
        (
            await db.ApplyAsync("operations:\n  - alter_column: { table: orders, name: code, type: text }")
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("CREATE INDEX by_lower ON orders (lower(code))");
        uint file = await db.ScalarAsync<uint>("SELECT pg_relation_filenode('by_lower')");

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "an index or foreign key that was created after the plan was made reads orders.code"
            );
        (await db.ScalarAsync<uint>("SELECT pg_relation_filenode('by_lower')")).ShouldBe(file);
        await db.ExecuteAsync("DROP INDEX by_lower; ALTER TABLE orders ADD CHECK (amount < 100000)");
        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ScalarAsync<string>(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
                    + "'orders'::regclass AND attname = 'code'"
            )
        ).ShouldBe("text");
    }

    /// <summary>Operations are planned together, each as the tables stand now.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task An_operation_that_needs_another_one_of_the_same_change_is_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup + "CREATE TABLE parents (id int, name text); CREATE TABLE children (parent int);");

        Outcomes
            .Words(
                await db.ApplyAsync(
                    "operations:\n  - add_primary_key: { table: parents, columns: [id] }\n  - "
                        + "add_foreign_key: { table: children, columns: [parent], references: { table: parents, "
                        + "columns: [id] } }"
                )
            )
            .ShouldContain("may be the one that `add_primary_key id on parents` of the same change creates");
        (
            await db.PlannedAsync(
                "operations:\n  - prune: { table: orders, where: amount > 5 }\n  - add_check: { table: "
                    + "orders, check: amount < 6 }"
            )
        ).Hazards.ShouldContain(hazard =>
            hazard.Code == "comes-last"
            && hazard.Message.Contains("`add_check amount < 6 on orders`, written after it, runs before it")
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Statistics_of_several_columns_are_collected_again_after_a_type_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + "CREATE STATISTICS together ON amount, code FROM orders; UPDATE orders SET code = amount % "
                + "7; ANALYZE orders;"
        );
        await db.MigrateAsync("operations:\n  - alter_column: { table: orders, name: code, type: varchar(20) }");

        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_stats_ext WHERE statistics_name = 'together'")).ShouldBe(
            1
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_dropped_column_does_not_block_a_rollback(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync(
                "operations:\n  - alter_column: { table: orders, name: note, nullable: true, comment: x, "
                    + "default: \"'y'\" }"
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE orders DROP COLUMN note");

        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    [Theory, PostgresVersions(18)]
    public async Task A_constraint_of_the_same_name_created_after_planning_is_not_dropped(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync("operations:\n  - drop_constraint: { table: orders, name: orders_note_not_null }")
        ).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "ALTER TABLE orders DROP CONSTRAINT orders_note_not_null, ADD CONSTRAINT orders_note_not_null "
                + "CHECK (note <> '')"
        );

        (await db.CompleteAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "the constraint orders_note_not_null of public.orders differs from the one in the plan"
            );
    }
}
