namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Columns that are refused as unsafe or are invalid, and the words of the error.</summary>
internal static class ColumnRefusals
{
    private const string ForTables = "type: int";

    public static readonly (string Column, string What)[] Refused =
    [
        (
            $"table: a_view, name: x, {ForTables}",
            "add_column a_view.x: public.a_view is a view; a view has no columns of its own. Add the "
                + "column to the underlying table, then recreate the view with the column."
        ),
        (
            $"table: a_matview, name: x, {ForTables}",
            "add_column a_matview.x: public.a_matview is a view; a view has no columns of its own. Add "
                + "the column to the underlying table, then recreate the view with the column."
        ),
        (
            $"table: a_sequence, name: x, {ForTables}",
            "add_column a_sequence.x: public.a_sequence is not a table. Name a table."
        ),
        (
            $"table: a_foreign_table, name: x, {ForTables}",
            "add_column a_foreign_table.x: public.a_foreign_table is a foreign table; its rows are in "
                + "another server. Add the column there first; then `ALTER FOREIGN TABLE ... ADD COLUMN` here "
                + "reads no rows."
        ),
        (
            $"table: parent, name: x, {ForTables}",
            "add_column parent.x: public.parent takes part in inheritance, where a column may come "
                + "from several parents. Add the column manually in each child, or turn the tables into "
                + "partitions first."
        ),
        (
            $"table: child, name: x, {ForTables}",
            "add_column child.x: public.child takes part in inheritance, where a column may come from "
                + "several parents. Add the column manually in each child, or turn the tables into "
                + "partitions first."
        ),
        (
            $"table: typed, name: x, {ForTables}",
            "add_column typed.x: public.typed is a typed table (OF type); its columns belong to the type. Use "
                + "`ALTER TYPE ... ADD ATTRIBUTE ... CASCADE` in a maintenance window, or `ALTER TABLE ... NOT "
                + "OF` first."
        ),
        (
            $"table: parts_1, name: x, {ForTables}",
            "add_column parts_1.x: public.parts_1 is a partition; its columns belong to its root. Name the "
                + "partitioned table; Segue fills every partition."
        ),
        (
            $"table: far_parts, name: x, {ForTables}",
            "add_column far_parts.x: public.far_parts has the foreign table far_parts_1 as a partition, "
                + "whose rows are in another server. Detach it first."
        ),
        (
            $"table: pg_catalog.pg_class, name: x, {ForTables}",
            "add_column pg_catalog.pg_class.x: pg_catalog.pg_class belongs to the system. Name a table of your own."
        ),
        (
            $"table: segue.change, name: x, {ForTables}",
            "add_column segue.change.x: segue.change belongs to the system. Name a table of your own."
        ),
        (
            "table: orders, name: x, type: int, generated: { expression: amount * 2, stored: true }",
            "add_column orders.x: a stored generated column rewrites the whole table while nobody can "
                + "read it. Use `derive:`, which keeps the column in sync by a trigger and fills it in "
                + "batches; or, on PostgreSQL 18, a generated column that is not stored."
        ),
        (
            "table: orders, name: x, type: positive",
            "add_column orders.x: public.positive is a domain with constraints: adding a column of it "
                + "rewrites the whole table while nobody can read it. Use the domain's base type and give its "
                + "constraint as `check:`."
        ),
        (
            "table: orders, name: x, type: filled, nullable: false, default: 1",
            "add_column orders.x: public.filled is a domain with constraints: adding a column of it "
                + "rewrites the whole table while nobody can read it. Use the domain's base type and give its "
                + "constraint as `check:`."
        ),
        (
            "table: orders, name: x, type: int, default: 1, unique: true",
            "add_column orders.x: the column is unique, and every existing row would get the same value. Give a "
                + "backfill that differs from row to row, or leave `unique` out."
        ),
        (
            "table: parts, name: x, type: int, unique: true",
            "add_column parts.x: parts is partitioned: a unique constraint must contain the partition key. "
                + "Leave `unique` out, and create a unique index on each partition if that is enough."
        ),
        (
            "table: orders, name: x, type: text, references: { table: volatile_codes }",
            "add_column orders.x: references: public.volatile_codes is unlogged: after a crash it is "
                + "empty, so no logged table may reference it. `ALTER TABLE \"public\".\"volatile_codes\" SET "
                + "LOGGED` first, or leave the foreign key out."
        ),
        (
            "table: published, name: x, type: int, backfill: id",
            "add_column published.x: public.published is published with updates but has no replica "
                + "identity: every UPDATE of it fails. Give it a primary key, or `ALTER TABLE ... REPLICA "
                + "IDENTITY FULL`."
        ),
        (
            "table: parts, name: x, type: int, backfill: id",
            "add_column parts.x: public.parts is published with updates but has no replica identity: every "
                + "UPDATE of it fails. Give it a primary key, or `ALTER TABLE ... REPLICA IDENTITY FULL`."
        ),
        (
            "table: computed, name: x, type: int, derive: twice + 1",
            "add_column computed.x: the expression reads twice, a generated column, whose new value no "
                + "trigger can see. Write out the expression that twice is generated from."
        ),
        (
            "table: ruled, name: x, type: int, backfill: id",
            "add_column ruled.x: public.ruled has the rule nothing on UPDATE, which may run something "
                + "else instead. Drop it, or make it a trigger."
        ),
        (
            "table: wide, name: x, type: int",
            "add_column wide.x: public.wide has 1,600 columns, of 1,600 at most; dropped columns "
                + "count. Split the table; or, if many columns were dropped, copy it into a new one."
        ),
        (
            "table: late, name: x, type: int, derive: id",
            "add_column late.x: public.late has BEFORE triggers whose names sort after any name Segue can "
                + "use; they would change rows after the new column was computed. Rename them to begin with a "
                + "plain letter."
        ),
    ];

    public static readonly (string Column, string What)[] Invalid =
    [
        (
            "table: nowhere, name: x, type: int",
            "add_column nowhere.x: there is no table nowhere in database {0} on the search path (public). "
                + "Check the name and the database."
        ),
        (
            "table: ORDERS, name: x, type: int",
            "add_column ORDERS.x: there is no table ORDERS in database {0} on the search path (public). "
                + "Did you mean public.orders?"
        ),
        (
            "table: odrers, name: x, type: int",
            "add_column odrers.x: there is no table odrers in database {0} on the search path (public). "
                + "Did you mean public.orders?"
        ),
        ("table: orders, name: note, type: int", "already has a column note"),
        ("table: orders, name: ctid, type: int", "conflicts with a system column name"),
        ("table: orders, name: x, type: nonsense", "add_column orders.x: type: type \"nonsense\" does not exist"),
        ("table: orders, name: x, type: bigserial", "serial is not a type: use `identity:` with an integer type"),
        ("table: orders, name: x, type: \"numeric(2000)\"", "NUMERIC precision 2000 must be between 1 and 1000"),
        ("table: orders, name: x, type: anyelement", "pseudo-type"),
        ("table: orders, name: x, type: int, collation: C", "collations are not supported by type integer"),
        (
            "table: orders, name: x, type: text, collation: nowhere",
            "collation \"nowhere\" for encoding \"UTF8\" does not exist"
        ),
        ("table: orders, name: x, type: int, default: \"'x'\"", "invalid input syntax for type integer"),
        ("table: orders, name: x, type: int, default: amount", "cannot use column reference in DEFAULT expression"),
        ("table: orders, name: x, type: int, default: 1/0", "division by zero"),
        (
            "table: orders, name: x, type: int, nullable: false, default: \"null\"",
            "add_column orders.x: default: it is NULL, and the column is NOT NULL. Give another value, or allow NULL."
        ),
        (
            "table: orders, name: x, type: int, nullable: false, backfill: \"null\"",
            "add_column orders.x: backfill: it is NULL, and the column is NOT NULL. Give another value, or allow NULL."
        ),
        ("table: orders, name: x, type: mood, default: \"'glad'\"", "invalid input value for enum mood"),
        ("table: orders, name: x, type: int, backfill: amont + 1", "column \"amont\" does not exist"),
        (
            "table: orders, name: x, type: int, backfill: note",
            "column \"x\" is of type integer but expression is of type text"
        ),
        ("table: orders, name: x, type: int, backfill: sum(amount)", "aggregate functions are not allowed"),
        (
            "table: orders, name: x, type: int, backfill: \"generate_series(1, amount)\"",
            "set-returning functions are not allowed"
        ),
        (
            "table: orders, name: x, type: text, backfill: ctid::text",
            "it uses a system column (ctid, xmin, tableoid, ...), which no trigger can see."
        ),
        (
            "table: orders, name: x, type: text, backfill: orders::text",
            "it uses the whole row; name the columns it needs."
        ),
        ("table: orders, name: x, type: int, derive: (random() * amount)::int", "gives another value each time"),
        ("table: orders, name: x, type: int, backfill: x + 1", "column \"x\" does not exist"),
        ("table: orders, name: x, type: int, check: x", "must be type boolean"),
        ("table: orders, name: x, type: int, check: x > (SELECT 1)", "cannot use subquery in check constraint"),
        (
            "table: orders, name: x, type: json, index: true",
            "data type json has no default operator class for access method \"btree\""
        ),
        (
            "table: orders, name: x, type: text, identity: {}",
            "identity column type must be smallint, integer, or bigint"
        ),
        (
            "table: orders, name: x, type: smallint, identity: { start: 32000 }",
            "the type has too few numbers for the existing rows (about "
        ),
        (
            "table: aside.lone, name: x, type: int, backfill: \"(SELECT max(other.id) FROM lone other "
                + "WHERE other.id < lone.id)\"",
            "it reads lone by a name that is not on the search path. Write \"aside\".\"lone\" where it "
                + "reads other rows of the table."
        ),
        ("table: segue_view, name: x, type: int, backfill: nonsense", "column \"nonsense\" does not exist"),
        ("table: orders, name: x, type: text, references: { table: nowhere }", "there is no table nowhere"),
        (
            "table: orders, name: x, type: text, references: { table: currencies, column: nothing }",
            "column \"nothing\" referenced in foreign key constraint does not exist"
        ),
        (
            "table: orders, name: x, type: text, references: { table: orders, column: note }",
            "there is no unique constraint matching given keys for referenced table \"orders\""
        ),
        ("table: orders, name: x, type: inet, references: { table: currencies }", "cannot be implemented"),
        (
            "table: orders, name: x, type: int, generated: { expression: random()::int, stored: true }",
            "generation expression is not immutable"
        ),
    ];
}
