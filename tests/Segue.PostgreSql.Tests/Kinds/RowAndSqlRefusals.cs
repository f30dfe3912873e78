using Segue.Execution;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Rows, and SQL of the author: operations that are refused, the outcome, and the words of the refusal.
/// </summary>
internal static class RowAndSqlRefusals
{
    public static readonly (string Operation, Type Outcome, string What)[] All =
    [
        (
            "backfill: { table: a_view, set: { note: \"'x'\" } }",
            typeof(RunOutcome.Refused),
            "public.a_view is not a table."
        ),
        (
            "backfill: { table: orders, set: { nothing: 1, id: 5 } }",
            typeof(RunOutcome.Invalid),
            ": set: public.orders has no column nothing. It has id, region, amount, note."
        ),
        (
            "backfill: { table: orders, set: { id: 5 } }",
            typeof(RunOutcome.Invalid),
            ": set: column \"id\" can only be updated to DEFAULT"
        ),
        (
            "backfill: { table: orders, set: { amount: \"'x'\" } }",
            typeof(RunOutcome.Invalid),
            ": set: invalid input syntax for type integer"
        ),
        (
            "backfill: { table: orders, set: { amount: nothing } }",
            typeof(RunOutcome.Invalid),
            ": set: amount: column \"nothing\" does not exist"
        ),
        (
            "backfill: { table: orders, set: { amount: amount + 1 } }",
            typeof(RunOutcome.Refused),
            "a second run would change rows of the sample again"
        ),
        (
            "backfill: { table: orders, set: { amount: amount * 2 }, where: region IS NOT NULL }",
            typeof(RunOutcome.Refused),
            "a second run would change rows of the sample again"
        ),
        (
            "backfill: { table: orders, set: { amount: amount * 2 }, where: id > 100000 }",
            typeof(RunOutcome.Refused),
            "the expressions change a row again after it was written, and none of the"
        ),
        (
            "backfill: { table: orders, set: { amount: 100 / (amount - 5) } }",
            typeof(RunOutcome.Refused),
            "that it was tried on: division by zero (SQLSTATE 22012) for id=5."
        ),
        (
            "backfill: { table: orders, set: { note: random()::text } }",
            typeof(RunOutcome.Invalid),
            "an expression gives another value each time"
        ),
        (
            "backfill: { table: orders, set: { note: \"'x'\" }, where: random() > 0.5 }",
            typeof(RunOutcome.Invalid),
            ": where: `random() > 0.5` gives another result each time"
        ),
        (
            "backfill: { table: orders, set: { note: \"'x'\" }, where: amount }",
            typeof(RunOutcome.Invalid),
            ": set: argument of AND must be type boolean"
        ),
        (
            "backfill: { table: orders, set: { note: \"'x', id = 5\" } }",
            typeof(RunOutcome.Invalid),
            ": set: note: column \"value\" has pseudo-type record"
        ),
        (
            "prune: { table: orders, where: amount }",
            typeof(RunOutcome.Invalid),
            ": where: argument of WHERE must be type boolean"
        ),
        (
            "prune: { table: orders, where: random() > 0.5 }",
            typeof(RunOutcome.Invalid),
            ": where: `random() > 0.5` gives another result each time"
        ),
        (
            "prune: { table: orders, where: amount > 1, archive: nowhere }",
            typeof(RunOutcome.Invalid),
            "prune orders: archive: there is no table nowhere in database"
        ),
        (
            "prune: { table: orders, where: amount > 1, archive: codes }",
            typeof(RunOutcome.Invalid),
            ": archive: column \"id\" of relation \"codes\" does not exist"
        ),
        (
            "sql: { up: ALTER TABLE orders ADD x int }",
            typeof(RunOutcome.Refused),
            "it takes ACCESS EXCLUSIVE on \"public\".\"orders\", which is not declared. If that is "
                + "intended, add to `effect`: { table: ..., lock: access exclusive }."
        ),
        (
            "sql: { up: ALTER TABLE orders ADD x int, effect: [{ table: orders, lock: share }] }",
            typeof(RunOutcome.Refused),
            "SHARE on \"public\".\"orders\" is declared, but the statement takes ACCESS EXCLUSIVE."
        ),
        (
            "sql: { up: SELECT 1, effect: [{ table: orders, lock: share }] }",
            typeof(RunOutcome.Refused),
            "SHARE on \"public\".\"orders\" is declared, but the statement takes no lock there."
        ),
        (
            "sql: { up: ALTER TABLE lines ALTER n TYPE bigint, effect: [{ table: lines, lock: access exclusive }] }",
            typeof(RunOutcome.Refused),
            "work: none is declared for \"public\".\"lines\", but it is rewrite (rewrites the table and its indexes)."
        ),
        (
            "sql: { up: ALTER TABLE orders ADD x int, effect: [{ table: orders, lock: strong }] }",
            typeof(RunOutcome.Invalid),
            ": effect: there is no lock named strong. Write one of access share, "
        ),
        (
            "sql: { up: ALTER TABLE orders ADD x int, effect: [{ table: nowhere, lock: share }] }",
            typeof(RunOutcome.Invalid),
            ": effect: there is no table nowhere"
        ),
        (
            "sql: { up: \"ALTER TABLE orders ADD x int; DROP TABLE orders\" }",
            typeof(RunOutcome.Invalid),
            ": up: it is not one SQL statement: it contains a semicolon"
        ),
        (
            "sql: { up: DROP VIEW a_view CASCADE }",
            typeof(RunOutcome.Invalid),
            ": up: it uses CASCADE, so it drops objects that it does not name."
        ),
        (
            "sql: { up: DROP VIEW a_view }",
            typeof(RunOutcome.Refused),
            "it takes ACCESS EXCLUSIVE on \"public\".\"a_view\", which is not declared."
        ),
        (
            "sql: { up: DROP TABLE parts_1, waits_for: nobody }",
            typeof(RunOutcome.Invalid),
            "public.parts_1 is a partition: dropping it locks its root"
        ),
        (
            "sql: { up: CREATE INDEX CONCURRENTLY i ON orders (note) }",
            typeof(RunOutcome.Invalid),
            ": up: a concurrent form runs in no transaction"
        ),
        (
            "sql: { up: ALTER SYSTEM SET work_mem = '1GB' }",
            typeof(RunOutcome.Invalid),
            ": up: only statements about tables, their indexes and their rows can be tried"
        ),
        (
            "sql: { up: ALTER TABLE nowhere ADD x int }",
            typeof(RunOutcome.Invalid),
            ": up: the server rejects it: relation \"nowhere\" does not exist"
        ),
        (
            "sql: { up: ALTER TABLE orders SET (fillfactor = 80), down: ALTER TABLE orders RESET "
                + "(fillfacto, effect: [] }",
            typeof(RunOutcome.Invalid),
            ": down: it is not one SQL statement: its '(' is never closed."
        ),
        (
            "sql: { up: CREATE VIEW v AS SELECT 1, down: DROP VIEW w }",
            typeof(RunOutcome.Invalid),
            ": down: the server rejects it: view \"w\" does not exist"
        ),
        (
            "sql: { up: CREATE VIEW v AS SELECT 1 AS a, down: DROP TABLE codes }",
            typeof(RunOutcome.Invalid),
            ": down: it works on another kind of object than `up`"
        ),
        (
            "sql: { up: CREATE VIEW v AS SELECT 1 AS a, down: DROP VIEW grouped, effect: [{ table: "
                + "grouped, lock: access exclusive }] }",
            typeof(RunOutcome.Invalid),
            ": down: after `up` and then `down` some objects differ: view public.grouped, view public.v"
        ),
        (
            "sql: { up: ALTER TABLE codes SET (fillfactor = 80), down: DROP TABLE strays }",
            typeof(RunOutcome.Invalid),
            ": down: after `up` and then `down` some objects differ: table codes, table strays"
        ),
        (
            "sql: { up: CREATE TABLE public.made (id int), down: ALTER TABLE public.made ADD x int }",
            typeof(RunOutcome.Invalid),
            ": down: after `up` and then `down` some objects differ: table made."
        ),
        (
            "sql: { up: ALTER TABLE strays RENAME TO found, down: ALTER TABLE found RENAME TO strays, "
                + "effect: [{ table: strays, lock: access exclusive }] }",
            typeof(RunOutcome.Invalid),
            ": down: `up` gives \"strays\" another name"
        ),
        (
            "sql: { up: ALTER VIEW grouped RENAME TO found, down: ALTER VIEW found RENAME TO grouped, "
                + "effect: [{ table: grouped, lock: access exclusive }] }",
            typeof(RunOutcome.Invalid),
            ": down: `up` gives \"public\".\"grouped\" another name"
        ),
        (
            "sql: { up: ALTER TABLE codes DROP code, down: ALTER TABLE codes ADD code text }",
            typeof(RunOutcome.Invalid),
            ": up: the server rejects it: cannot drop column code"
        ),
        (
            "sql: { up: ALTER TABLE strays DROP order_id, down: ALTER TABLE strays ADD order_id bigint }",
            typeof(RunOutcome.Invalid),
            ": down: after `up` and then `down` some objects differ: table strays."
        ),
        (
            "sql: { up: CREATE TRIGGER quiet BEFORE UPDATE ON strays FOR EACH ROW EXECUTE FUNCTION "
                + "suppress_redundant_updates_trigger(), down: DROP TRIGGER quiet ON strays, effect: [{ table: "
                + "strays, lock: share row exclusive }] }",
            typeof(RunOutcome.Refused),
            "SHARE ROW EXCLUSIVE on \"public\".\"strays\" is declared, but the statement takes ACCESS EXCLUSIVE."
        ),
        (
            "sql: { up: ALTER TABLE orders DROP COLUMN amount, waits_for: nobody, effect: [{ table: "
                + "orders, lock: access exclusive }] }",
            typeof(RunOutcome.Invalid),
            "view a_view depends on column amount"
        ),
        (
            "sql: { up: ALTER SEQUENCE orders_id_seq RESTART 5 }",
            typeof(RunOutcome.Refused),
            "it takes SHARE ROW EXCLUSIVE on \"public\".\"orders_id_seq\", which is not declared."
        ),
        (
            "sql: { up: ALTER TABLE heirs_of ADD z int, effect: [{ table: orders, lock: share }] }",
            typeof(RunOutcome.Refused),
            "it takes ACCESS EXCLUSIVE on \"public\".\"heir\", which is not declared."
        ),
        (
            "sql: { up: ALTER TABLE codes SET UNLOGGED }",
            typeof(RunOutcome.Invalid),
            "It takes ACCESS EXCLUSIVE and rewrites the table and its indexes meanwhile."
        ),
        (
            "sql: { up: ALTER TABLE strays RENAME order_id TO number, down: ALTER TABLE strays RENAME "
                + "number TO order_id, effect: [{ table: strays, lock: access exclusive }] }",
            typeof(RunOutcome.Refused),
            "it renames the column public.strays.order_id to number: code that uses the old name fails; "
                + "and with `down` it would run before the gate, while old code runs. The change kind "
                + "`rename_column`"
        ),
        (
            "sql: { up: ALTER TABLE strays ADD CHECK (order_id > 0) NOT VALID, down: ALTER TABLE strays "
                + "DROP CONSTRAINT strays_order_id_check, effect: [{ table: strays, lock: access exclusive }] }",
            typeof(RunOutcome.Refused),
            "public.strays gets the CHECK strays_order_id_check: rows that violate it are rejected; and with `down`"
        ),
        (
            "sql: { up: SELECT harm(), effect: [{ table: strays, lock: access exclusive }] }",
            typeof(RunOutcome.Refused),
            "it calls harm(), which may lock \"public\".\"strays\" strongly enough to remove any of its names"
        ),
        (
            "sql: { up: SELECT 1, applied: SELECT 5 }",
            typeof(RunOutcome.Invalid),
            ": applied: it does not return a boolean."
        ),
        (
            "sql: { up: SELECT 1, applied: SELECT nothing }",
            typeof(RunOutcome.Invalid),
            ": applied: column \"nothing\" does not exist"
        ),
    ];
}
