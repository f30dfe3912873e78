using Npgsql;
using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done with a table, or not safely, is said before anything is changed.</summary>
public class TableRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE VIEW a_view AS SELECT * FROM orders; CREATE TYPE a_type AS (a int); CREATE SEQUENCE a_sequence;
            CREATE TABLE parents (id int); CREATE TABLE children () INHERITS (parents); CREATE TABLE bare ();
            CREATE TABLE guarded (id int, who text); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
            CREATE TABLE lines (order_id bigint REFERENCES orders, n int);
            CREATE TABLE rows_of (id int); CREATE TABLE holders (r rows_of);
            CREATE FUNCTION of_rows(r rows_of) RETURNS int LANGUAGE sql AS $$ SELECT r.id $$;
            CREATE FUNCTION sum_of() RETURNS bigint LANGUAGE sql RETURN (SELECT sum(id) FROM rows_of);
            CREATE TABLE counted (id serial); CREATE TABLE borrowers (n int DEFAULT nextval('counted_id_seq'));
            CREATE TABLE of_extension (id int); ALTER EXTENSION plpgsql ADD TABLE of_extension;
            CREATE TABLE parts (id int) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES
                FROM (0) TO (10);

            """;

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        (
            "rename_table: { table: nowhere, to: x }",
            typeof(RunOutcome.Invalid),
            "rename_table nowhere: there is no table nowhere in database"
        ),
        (
            "rename_table: { table: orders, to: currencies }",
            typeof(RunOutcome.Invalid),
            "rename_table orders: to: public already has an object named currencies. Choose another name."
        ),
        (
            "rename_table: { table: orders, to: orders_pkey }",
            typeof(RunOutcome.Invalid),
            "public already has an object named orders_pkey."
        ),
        (
            "rename_table: { table: orders, to: a_type }",
            typeof(RunOutcome.Invalid),
            "public already has an object named a_type."
        ),
        (
            "rename_table: { table: orders, to: a_sequence }",
            typeof(RunOutcome.Invalid),
            "public already has an object named a_sequence."
        ),
        (
            "rename_table: { table: orders, to: orders }",
            typeof(RunOutcome.Invalid),
            "public already has an object named orders."
        ),
        (
            "rename_table: { table: orders, to: x }\n  - rename_table: { table: currencies, to: x }",
            typeof(RunOutcome.Invalid),
            "`rename_table orders` of the same change works on this name as well."
        ),
        (
            "rename_table: { table: orders, to: x }\n  - rename_table: { table: orders, to: y }",
            typeof(RunOutcome.Invalid),
            "`rename_table orders` of the same change works on this table as well."
        ),
        (
            "rename_table: { table: orders, to: x }\n  - add_check: { table: orders, check: amount > 0 }",
            typeof(RunOutcome.Invalid),
            "`rename_table orders` of the same change works on \"public\".\"orders\" as well, and each "
                + "operation is planned for the table as it is now. Split them into two changes, one after "
                + "the other."
        ),
        (
            "add_foreign_key: { table: lines, columns: [n], references: { table: orders } }\n  - "
                + "rename_table: { table: orders, to: x }",
            typeof(RunOutcome.Invalid),
            "rename_table orders: `add_foreign_key"
        ),
        (
            "rename_table: { table: a_view, to: x }",
            typeof(RunOutcome.Refused),
            "public.a_view is a view. Name a table."
        ),
        (
            "rename_table: { table: parents, to: x }",
            typeof(RunOutcome.Refused),
            "takes part in inheritance: a view ignores ONLY"
        ),
        ("rename_table: { table: children, to: x }", typeof(RunOutcome.Refused), "takes part in inheritance"),
        (
            "create_table: { table: orders, columns: [] }",
            typeof(RunOutcome.Invalid),
            "create_table orders: table: public already has an object named orders. Choose another name."
        ),
        (
            "create_table: { table: nowhere.x, columns: [] }",
            typeof(RunOutcome.Invalid),
            "create_table nowhere.x: columns: schema \"nowhere\" does not exist"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: nonsense }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: columns: a: type \"nonsense\" does not exist"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: bigserial }] }",
            typeof(RunOutcome.Invalid),
            "(serial is not a type: use `identity:` with an integer type)"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int DEFAULT 5 }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: columns: a: "
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int, default: \"5) , (b int\" }] }",
            typeof(RunOutcome.Invalid),
            "is not one SQL expression"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int, check: b > 0 }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: columns: column \"b\" does not exist"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], indexes: [{ columns: [b] }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: indexes: column \"b\" does not exist"
        ),
        (
            "create_table: { table: x, columns: [{ name: b, type: text, references: { table: orders } }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: references: foreign key constraint"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int, references: { table: nothing } }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: references: there is no table nothing"
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], constraints: [{ foreign_key: { "
                + "columns: [b], references: { table: orders } } }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: constraints: the table has no column b. It has a."
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], partition_by: { method: range, "
                + "columns: [a] }, partitions: [{ name: x_1, from: [\"5\"], to: [\"3\"] }] }",
            typeof(RunOutcome.Invalid),
            "create_table x: partitions: empty range bound specified for partition \"x_1\""
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], partition_by: { method: range, "
                + "columns: [a] }, partitions: [{ name: orders, default: true }] }",
            typeof(RunOutcome.Invalid),
            "public already has an object named orders."
        ),
        (
            "create_table: { table: x, columns: [] }\n  - create_table: { table: x, columns: [] }",
            typeof(RunOutcome.Invalid),
            "`create_table x` of the same change works on this name as well."
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], with: { fullfactor: 4 } }",
            typeof(RunOutcome.Invalid),
            "unrecognized parameter \"fullfactor\""
        ),
        (
            "create_table: { table: x, columns: [{ name: a, type: int }], tablespace: nowhere }",
            typeof(RunOutcome.Invalid),
            "tablespace \"nowhere\" does not exist"
        ),
        ("drop_table: { table: nowhere }", typeof(RunOutcome.Invalid), "drop_table nowhere: there is no table nowhere"),
        (
            "drop_table: { table: orders }",
            typeof(RunOutcome.Refused),
            "public.orders has dependent objects: constraint lines_order_id_fkey on table lines, view "
                + "a_view. Drop or change these first; Segue never uses CASCADE."
        ),
        (
            "drop_table: { table: rows_of }",
            typeof(RunOutcome.Refused),
            "public.rows_of has dependent objects: column r of table holders, function of_rows(rows_of), function "
                + "sum_of()."
        ),
        (
            "drop_table: { table: counted }",
            typeof(RunOutcome.Refused),
            "public.counted has dependent objects: default value for column n of table borrowers."
        ),
        (
            "drop_table: { table: parts_1 }",
            typeof(RunOutcome.Refused),
            "public.parts_1 is a partition. Detach it first"
        ),
        ("drop_table: { table: parents }", typeof(RunOutcome.Refused), "takes part in inheritance."),
        (
            "drop_table: { table: of_extension }",
            typeof(RunOutcome.Refused),
            "public.of_extension belongs to the extension plpgsql, which needs it. Drop the extension, "
                + "or remove the table from it: `ALTER EXTENSION \"plpgsql\" DROP TABLE "
                + "\"public\".\"of_extension\"`."
        ),
        (
            "rename_table: { table: of_extension, to: x }",
            typeof(RunOutcome.Refused),
            "public.of_extension belongs to the extension plpgsql, whose functions use it by its name."
        ),
        ("drop_table: { table: a_view }", typeof(RunOutcome.Refused), "public.a_view is a view. Name a table."),
        (
            "drop_table: { table: lines }\n  - drop_table: { table: lines }",
            typeof(RunOutcome.Invalid),
            "`drop_table lines` of the same change works on this table as well."
        ),
        (
            "drop_table: { table: lines }\n  - create_index: { table: orders, columns: [note] }",
            typeof(RunOutcome.Invalid),
            "drop_table lines: `create_index note on orders` is in the same change. Once completed it "
                + "cannot be rolled back, so the table could not be restored either. Put the drop into a "
                + "change of its own."
        ),
        (
            "rename_table: { table: bare, to: x }",
            typeof(RunOutcome.Refused),
            "has no columns, so a view cannot replace it."
        ),
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_operation_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    [Theory, PostgresVersions]
    public async Task A_table_with_row_security_is_not_renamed_if_a_view_would_bypass_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        RunOutcome outcome = await db.ApplyAsync("operations:\n  - rename_table: { table: guarded, to: x }");

        outcome.GetType().ShouldBe(major == 14 ? typeof(RunOutcome.Refused) : typeof(RunOutcome.WaitingAtGate));
        Outcomes
            .Words(outcome)
            .Contains(
                "has row security. Up to PostgreSQL 14 a view reads with its owner's privileges",
                StringComparison.Ordinal
            )
            .ShouldBe(major == 14);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_table_of_an_unfinished_change_is_not_moved(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: orders, name: label, type: text, backfill: note }"
            )
        ).ShouldWaitAtGate();

        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - rename_table: { table: orders, to: x }", change: "0002_test"))
            .ShouldContain(
                "the change 0001_test is in progress on \"public\".\"orders\", and uses it by that name. "
                    + "Complete or roll back 0001_test first."
            );
        (await db.CompleteAsync()).ShouldBeCompleted();
        (
            await db.ApplyAsync("operations:\n  - rename_table: { table: orders, to: x }", change: "0002_test")
        ).ShouldWaitAtGate();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_renamed_table_is_not_renamed_again_or_dropped_before_its_gate_is_passed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync("operations:\n  - rename_table: { table: lines, to: rows }")).ShouldWaitAtGate();

        Outcomes
            .Words(
                await db.ApplyAsync("operations:\n  - rename_table: { table: rows, to: entries }", change: "0002_test")
            )
            .ShouldContain("the change 0001_test is in progress on \"public\".\"rows\", and uses it by that name");
        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - drop_table: { table: rows }", change: "0002_test"))
            .ShouldContain("the change 0001_test is in progress on \"public\".\"rows\", and uses it by that name");
    }

    [Theory, PostgresVersions(15)]
    public async Task A_retained_table_cannot_be_changed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await db.MigrateAsync("operations:\n  - drop_table: { table: lines }");
        string schema = await db.ScalarAsync<string>(
            "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'segue\\_kept%'"
        );

        Outcomes
            .Words(
                await db.ApplyAsync(
                    $"operations:\n  - add_check: {{ table: {schema}.lines, check: n > 0 }}",
                    change: "0002_test"
                )
            )
            .ShouldContain("belongs to the system. Name a table of your own.");
    }
}
