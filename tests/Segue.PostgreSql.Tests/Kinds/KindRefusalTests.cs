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
        (
            "alter_column: { table: nowhere, name: id, nullable: true }",
            typeof(RunOutcome.Invalid),
            "there is no table nowhere in database"
        ),
        (
            "alter_column: { table: orders, name: regio, nullable: true }",
            typeof(RunOutcome.Invalid),
            "alter_column orders.regio: name: public.orders has no column regio. It has id, region, amount, note."
        ),
        ("alter_column: { table: a_view, name: id, comment: x }", typeof(RunOutcome.Refused), "is a view"),
        ("alter_column: { table: parts_1, name: n, statistics: 5 }", typeof(RunOutcome.Refused), "is a partition"),
        (
            "alter_column: { table: leafy, name: n, type: varchar(9) }",
            typeof(RunOutcome.Refused),
            "alter_column leafy.n, partition leafy_1: for `TYPE varchar(9)` the server would rebuild an index"
        ),
        (
            "alter_column: { table: unlike, name: n, default: 3 }",
            typeof(RunOutcome.Refused),
            "the partition public.unlike_1 has another default, statistics target, storage or compression "
                + "of n than its root"
        ),
        (
            "alter_column: { table: orders, name: amount, nullable: false }",
            typeof(RunOutcome.Invalid),
            "alter_column orders.amount: public.orders.amount already is as the change asks. Leave it out."
        ),
        (
            "alter_column: { table: orders, name: id, nullable: true }",
            typeof(RunOutcome.Refused),
            "id is an identity column, which is never NULL."
        ),
        (
            "alter_column: { table: published, name: id, nullable: true }",
            typeof(RunOutcome.Refused),
            "id is in the primary key published_pkey, which allows no NULL."
        ),
        (
            "alter_column: { table: identified, name: id, nullable: true }",
            typeof(RunOutcome.Refused),
            "id is in the replica identity public.identified_id, which allows no NULL."
        ),
        (
            "alter_column: { table: orders, name: region, nullable: false }",
            typeof(RunOutcome.Failed),
            "region is never NULL: 100 of 300 rows of \"public\".\"orders\" do not hold, e.g. id=2"
        ),
        (
            "alter_column: { table: orders, name: region, nullable: false, backfill: regio }",
            typeof(RunOutcome.Invalid),
            ": backfill: column \"regio\" does not exist"
        ),
        (
            "alter_column: { table: orders, name: region, nullable: false, backfill: \"amount > 1 AND amount\" }",
            typeof(RunOutcome.Invalid),
            ": backfill: argument of AND must be type boolean"
        ),
        (
            "alter_column: { table: orders, name: region, default: amount }",
            typeof(RunOutcome.Invalid),
            ": default: cannot use column reference in DEFAULT expression"
        ),
        (
            "alter_column: { table: orders, name: amount, default: \"'x'\" }",
            typeof(RunOutcome.Invalid),
            ": default: invalid input syntax for type integer"
        ),
        (
            "alter_column: { table: orders, name: amount, storage: external }",
            typeof(RunOutcome.Invalid),
            ": storage: column data type integer can only have storage PLAIN"
        ),
        (
            "alter_column: { table: orders, name: amount, compression: lz4 }",
            typeof(RunOutcome.Invalid),
            ": compression: column data type integer does not support compression"
        ),
        (
            "alter_column: { table: lines, name: n, type: bigint }",
            typeof(RunOutcome.Refused),
            "alter_column lines.n: for `TYPE bigint` the server would rebuild an index and rewrite the "
                + "table while nobody can use the table. Add another column with `derive:`, switch the app "
                + "to it, and drop this one later."
        ),
        (
            "alter_column: { table: lines, name: n, type: nonsense }",
            typeof(RunOutcome.Invalid),
            ": type: type \"nonsense\" does not exist."
        ),
        (
            "alter_column: { table: lines, name: n, type: \"int; DROP TABLE orders\" }",
            typeof(RunOutcome.Invalid),
            "is not one SQL expression"
        ),
        (
            "alter_column: { table: codes, name: code, type: varchar(3) }",
            typeof(RunOutcome.Refused),
            "for `TYPE varchar(3)` the server would rebuild an index and rewrite the table"
        ),
        (
            "alter_column: { table: regions, name: region, collation: C }",
            typeof(RunOutcome.Refused),
            "for `TYPE text COLLATE \"C\"` the server would rebuild an index while nobody can use the table."
        ),
        (
            "alter_column: { table: regions, name: checked, collation: C }",
            typeof(RunOutcome.Refused),
            "the server would read the whole table and rebuild an index while"
        ),
        (
            "alter_column: { table: parts, name: id, type: bigint }",
            typeof(RunOutcome.Refused),
            "id decides, or may decide, which partition"
        ),
        (
            "alter_column: { table: lines, name: order_id, type: numeric }",
            typeof(RunOutcome.Refused),
            "for `TYPE numeric` the server would rebuild an index and rewrite the table"
        ),
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
                + "`add_column` with `derive`"
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
        (
            "replace_index: { index: nothing, by: { columns: [note] } }",
            typeof(RunOutcome.Invalid),
            "replace_index nothing: index: there is no index nothing"
        ),
        (
            "replace_index: { index: orders_region_idx, by: { columns: [nothing] } }",
            typeof(RunOutcome.Invalid),
            ": columns: column \"nothing\" does not exist"
        ),
        (
            "replace_index: { index: orders_pkey, by: { columns: [note] } }",
            typeof(RunOutcome.Refused),
            "serves the constraint orders_pkey"
        ),
        (
            "reindex: { index: nothing }",
            typeof(RunOutcome.Invalid),
            "reindex nothing: index: there is no index nothing"
        ),
        ("reindex: { table: strays }", typeof(RunOutcome.Invalid), "public.strays has no index"),
        (
            "reindex: { table: excluded }",
            typeof(RunOutcome.Refused),
            "public.excluded_during_excl serves an exclusion constraint"
        ),
        ("reindex: { index: left_over }", typeof(RunOutcome.Refused), "\"public\".\"left_over_ccnew\" exists already"),
        (
            "create_index: { table: nowhere, columns: [a] }",
            typeof(RunOutcome.Invalid),
            "create_index a on nowhere: there is no table nowhere in database"
        ),
        (
            "create_index: { table: a_view, columns: [id] }",
            typeof(RunOutcome.Refused),
            "public.a_view is a view. Name a table."
        ),
        (
            "create_index: { table: orders, columns: [regio] }",
            typeof(RunOutcome.Invalid),
            "create_index regio on orders: columns: column \"regio\" does not exist"
        ),
        (
            "create_index: { table: orders, columns: [{ expression: \"now()\" }] }",
            typeof(RunOutcome.Invalid),
            "functions in index expression must be marked IMMUTABLE"
        ),
        (
            "create_index: { table: orders, columns: [{ expression: \"id); DROP TABLE orders; --\" }] }",
            typeof(RunOutcome.Invalid),
            "is not one SQL expression"
        ),
        (
            "create_index: { table: orders, columns: [{ column: region, opclass: \"no such\" }] }",
            typeof(RunOutcome.Invalid),
            "operator class \"no such\" does not exist"
        ),
        (
            "create_index: { table: orders, columns: [{ column: region, collation: nowhere }] }",
            typeof(RunOutcome.Invalid),
            "collation \"nowhere\" for encoding \"UTF8\" does not exist"
        ),
        (
            "create_index: { table: orders, columns: [region], method: nonsense }",
            typeof(RunOutcome.Invalid),
            "access method \"nonsense\" does not exist"
        ),
        (
            "create_index: { table: orders, columns: [note], include: [nothing] }",
            typeof(RunOutcome.Invalid),
            ": include: column \"nothing\" does not exist"
        ),
        (
            "create_index: { table: orders, columns: [note], where: region }",
            typeof(RunOutcome.Invalid),
            ": where: argument of WHERE must be type boolean"
        ),
        (
            "create_index: { table: orders, columns: [note], with: { fullfactor: 3 } }",
            typeof(RunOutcome.Invalid),
            ": with: unrecognized parameter \"fullfactor\""
        ),
        (
            "create_index: { table: orders, columns: [note], with: { \"x) --\": 3 } }",
            typeof(RunOutcome.Invalid),
            "\"x) --\" is no storage parameter"
        ),
        (
            "create_index: { table: orders, columns: [note], tablespace: nowhere }",
            typeof(RunOutcome.Invalid),
            ": tablespace: tablespace \"nowhere\" does not exist"
        ),
        (
            "create_index: { table: orders, name: orders_region_idx, columns: [note] }",
            typeof(RunOutcome.Invalid),
            ": name: public already has an object of that name. Choose another name."
        ),
        (
            "create_index: { table: parts, columns: [n], unique: true }",
            typeof(RunOutcome.Refused),
            "parts is partitioned by id: a unique key must contain that. Add id to its columns, or "
                + "make it unique in each partition separately."
        ),
        (
            "create_index: { table: orders, columns: [region], unique: true }",
            typeof(RunOutcome.Failed),
            "region has no value twice: 200 of 200 rows of \"public\".\"orders\" do not hold, e.g. region="
        ),
        (
            "drop_index: { index: nothing }",
            typeof(RunOutcome.Invalid),
            "drop_index nothing: index: there is no index nothing on the search path (public)."
        ),
        ("drop_index: { index: orders }", typeof(RunOutcome.Invalid), "there is no index orders"),
        (
            "drop_index: { index: orders_pkey }",
            typeof(RunOutcome.Refused),
            "public.orders_pkey serves the constraint orders_pkey. Use `drop_constraint: { table: "
                + "public.orders, name: orders_pkey }`."
        ),
        (
            "drop_index: { index: codes_code }",
            typeof(RunOutcome.Refused),
            "public.codes_code is needed by constraint by_index_code_fkey on table public.by_index. Drop "
                + "or change that first."
        ),
        ("drop_index: { index: identified_id }", typeof(RunOutcome.Refused), "is the replica identity of identified"),
        (
            "drop_index: { index: parts_1_n_idx }",
            typeof(RunOutcome.Refused),
            "is a partition's part of the root's index. Drop the root's index."
        ),
        (
            "rename_index: { index: orders_region_idx, to: orders_pkey }",
            typeof(RunOutcome.Invalid),
            ": to: public already has an object named orders_pkey."
        ),
        (
            "rename_index: { index: orders_region_idx, to: other }\n  - drop_index: { index: orders_region_idx }",
            typeof(RunOutcome.Invalid),
            "drop_index orders_region_idx: `rename_index orders_region_idx` of the same change works on "
                + "this index as well."
        ),
        (
            "rename_constraint: { table: lines, name: of_order, to: a }\n  - rename_constraint: { table: "
                + "lines, name: of_order, to: b }",
            typeof(RunOutcome.Invalid),
            "works on this constraint as well."
        ),
        (
            "rename_index: { index: lines_n_key, to: a }\n  - drop_constraint: { table: lines, name: lines_n_key }",
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
            "orders_amount_check satisfies its CHECK: 3 of 300 rows of \"public\".\"orders\" do not hold, "
                + "e.g. id=1, id=2, id=3."
        ),
        (
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders } }",
            typeof(RunOutcome.Failed),
            "order_id has its parent row in orders: 1 of 3 rows of \"public\".\"strays\" do not hold"
        ),
        (
            "add_foreign_key: { table: strays, columns: [orderid], references: { table: orders } }",
            typeof(RunOutcome.Invalid),
            ": columns: public.strays has no column orderid. It has order_id."
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
            "order_id is never NULL: 1 of 3 rows of \"public\".\"strays\" do not hold"
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

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_operation_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    /// <summary>
    /// PG11, RL3, MY1: a duplicate that comes while the index is built fails the build, and nothing of it stays in the
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
                "amount has no value twice: 2 of 301 rows of \"public\".\"orders\" do not hold, e.g. amount=7 (2 rows)"
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
                .ShouldContain("its rollback has started and not ended. Finish the rollback; then apply again.");
            await db.ExecuteAsync(putBack);
        }

        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_rename_is_not_taken_back_onto_something_new(int major)
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

    /// <summary>PG11, DN3: of the name alone nothing follows.</summary>
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
