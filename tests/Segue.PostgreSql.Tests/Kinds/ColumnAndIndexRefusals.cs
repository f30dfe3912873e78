using Segue.Execution;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns and indexes: operations that are refused, the outcome, and the words of the refusal.</summary>
internal static class ColumnAndIndexRefusals
{
    public static readonly (string Operation, Type Outcome, string What)[] All =
    [
        (
            "alter_column: { table: nowhere, name: id, nullable: true }",
            typeof(RunOutcome.Invalid),
            "there is no table nowhere in database"
        ),
        (
            "alter_column: { table: orders, name: regio, nullable: true }",
            typeof(RunOutcome.Invalid),
            "alter_column orders.regio: name: public.orders has no column regio. "
                + "Did you mean region? It has id, region, amount, note."
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
            "region is never NULL: 100 of 300 rows of \"public\".\"orders\" violate this, e.g. id=2"
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
                + "to it, and drop this one later by a change of kind `sql`."
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
            "\"x) --\" is not a storage parameter"
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
            "region has no value twice: 200 of 200 rows of \"public\".\"orders\" violate this, e.g. region="
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
            "rename_index: { index: lines_n_key, to: a }\n  - drop_constraint: { table: lines, name: lines_n_key }",
            typeof(RunOutcome.Invalid),
            "works on this constraint as well."
        ),
    ];
}
