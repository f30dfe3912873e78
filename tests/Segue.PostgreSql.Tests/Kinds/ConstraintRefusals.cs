using Segue.Execution;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Constraints: operations that are refused, the outcome, and the words of the refusal.</summary>
internal static class ConstraintRefusals
{
    public static readonly (string Operation, Type Outcome, string What)[] All =
    [
        (
            "rename_constraint: { table: lines, name: of_order, to: a }\n  - rename_constraint: { table: "
                + "lines, name: of_order, to: b }",
            typeof(RunOutcome.Invalid),
            "works on this constraint as well."
        ),
        (
            "add_check: { table: orders, check: amount }",
            typeof(RunOutcome.Invalid),
            "add_check amount on orders: check: argument of CHECK must be type boolean"
        ),
        (
            "add_check: { table: orders, check: amount > (SELECT 1) }",
            typeof(RunOutcome.Invalid),
            "cannot use subquery in check constraint"
        ),
        (
            "add_check: { table: parts, check: n > 1, no_inherit: true }",
            typeof(RunOutcome.Invalid),
            ": no_inherit: parts is partitioned"
        ),
        (
            "add_check: { table: orders, check: amount > 3 }",
            typeof(RunOutcome.Failed),
            "orders_amount_check satisfies its CHECK: 3 of 300 rows of \"public\".\"orders\" violate this, "
                + "e.g. id=1, id=2, id=3."
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders } }",
            typeof(RunOutcome.Failed),
            "order_id has its parent row in orders: 1 of 3 rows of \"public\".\"strays\" violate this"
        ),
        (
            "add_foreign_key: { table: strays, columns: [orderid], references: { table: orders } }",
            typeof(RunOutcome.Invalid),
            ": columns: public.strays has no column orderid. Did you mean order_id? It has order_id."
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders, columns: [amount] } }",
            typeof(RunOutcome.Invalid),
            ": references: there is no unique constraint matching given keys for referenced table \"orders\""
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: strays } }",
            typeof(RunOutcome.Invalid),
            ": references: strays has no primary key of one column."
        ),
        (
            "add_unique: { table: strays, columns: [nothing] }",
            typeof(RunOutcome.Invalid),
            "public.strays has no column nothing"
        ),
        (
            "add_unique: { table: parts, columns: [n] }",
            typeof(RunOutcome.Refused),
            "parts is partitioned by id: a unique key must contain that."
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders }, repair: "
                + "{ order_id: \"-5\" } }",
            typeof(RunOutcome.Failed),
            "a repaired row satisfies the constraint: 1 of 3 rows"
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders }, repair: "
                + "{ order_id: order_id + 1 } }",
            typeof(RunOutcome.Refused),
            "repair: a second run would change rows of the sample again"
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders }, repair: "
                + "{ nothing: \"1\" } }",
            typeof(RunOutcome.Invalid),
            ": repair: set: public.strays has no column nothing"
        ),
        (
            "add_primary_key: { table: orders, columns: [amount] }",
            typeof(RunOutcome.Refused),
            "orders already has a primary key (id). Use `add_unique`, or drop that one first."
        ),
        (
            "add_primary_key: { table: strays, columns: [order_id] }",
            typeof(RunOutcome.Failed),
            "order_id is never NULL: 1 of 3 rows of \"public\".\"strays\" violate this"
        ),
        (
            "add_exclusion: { table: orders, method: btree, elements: [{ column: amount, operator: \"=\" }] }",
            typeof(RunOutcome.Refused),
            "the server can add it only by building its index while nobody can use orders"
        ),
        (
            "add_exclusion: { table: orders, method: btree, elements: [{ column: amount, operator: \"&&\" }] }",
            typeof(RunOutcome.Invalid),
            ": elements: operator does not exist: integer && integer"
        ),
        (
            "add_exclusion: { table: orders, method: btree, elements: [{ expression: \"1) WITH =\", "
                + "operator: \"=\" }] }",
            typeof(RunOutcome.Invalid),
            "is not one SQL expression"
        ),
        (
            "drop_constraint: { table: orders, name: nothing }",
            typeof(RunOutcome.Invalid),
            ": name: public.orders has no constraint nothing. It has "
        ),
        (
            "drop_constraint: { table: orders, name: orders_pkey }",
            typeof(RunOutcome.Refused),
            "the primary key orders_pkey of public.orders is needed by constraint of_order on table public.lines"
        ),
        (
            "drop_constraint: { table: published, name: published_pkey }",
            typeof(RunOutcome.Refused),
            "is the replica identity: without it updates could not be published"
        ),
        (
            "drop_constraint: { table: parts_1, name: sane }",
            typeof(RunOutcome.Refused),
            "the CHECK sane of public.parts_1 is inherited. Drop it on the table it comes from."
        ),
        (
            "rename_constraint: { table: parts_1, name: sane, to: other }",
            typeof(RunOutcome.Refused),
            "is inherited. Rename it on the table it comes from."
        ),
        (
            "rename_constraint: { table: lines, name: of_order, to: lines_n_key }",
            typeof(RunOutcome.Invalid),
            ": to: public.lines, or its schema, already has an object named lines_n_key."
        ),
    ];
}
