using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Constraints added to, dropped from and renamed on tables that have rows.</summary>
internal static class ConstraintCases
{
    private const string Pairs = """
        CREATE TABLE pairs (country text, code int, PRIMARY KEY (country, code));
        INSERT INTO pairs VALUES ('at', 1), ('at', 2), ('de', 1);
        CREATE TABLE users (id int, country text, code int, email text);
        INSERT INTO users VALUES (1, 'at', 1, 'a'), (2, 'at', NULL, 'b'), (3, NULL, NULL, 'c'), (4, 'de', 1, NULL),
            (5, 'de', 1, NULL);
        """;

    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text, currency char(3)) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        INSERT INTO events SELECT n, date '2026-01-01' + n % 90, 'kind ' || n % 7, CASE WHEN n % 2 = 0 THEN 'USD' END
            FROM generate_series(1, 300) n;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "CHECK, named by the server",
            "add_check: { table: orders, check: amount > 0 }",
            "ALTER TABLE orders ADD CHECK (amount > 0)"
        ),
        Case(
            "CHECK over two columns, named by the server",
            "add_check: { table: orders, check: \"amount > 0 OR region = 'eu'\" }",
            "ALTER TABLE orders ADD CHECK (amount > 0 OR region = 'eu')"
        ),
        Case(
            "CHECK with a name, not inherited",
            "add_check: { table: orders, name: \"Not 'negative'\", check: amount >= 0, no_inherit: true }",
            "ALTER TABLE orders ADD CONSTRAINT \"Not 'negative'\" CHECK (amount >= 0) NO INHERIT"
        ),
        Case(
            "CHECK on a partitioned table",
            "add_check: { table: events, name: ids, check: id > 0 }",
            "ALTER TABLE events ADD CONSTRAINT ids CHECK (id > 0)",
            Partitions
        ),
        Case(
            "a foreign key to a primary key",
            "add_foreign_key: { table: lines, columns: [order_id], references: { table: orders } }",
            "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders",
            "CREATE TABLE lines (order_id bigint, n int); INSERT INTO lines SELECT n, n FROM generate_series(1, 300) n;"
        ),
        Case(
            "a foreign key with a name and actions",
            "add_foreign_key: { table: lines, name: of_order, columns: [order_id], references: { table: "
                + "orders, columns: [id], on_delete: cascade, on_update: restrict, deferrable: true, "
                + "initially_deferred: true } }",
            "ALTER TABLE lines ADD CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES orders (id) ON "
                + "DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE INITIALLY DEFERRED",
            "CREATE TABLE lines (order_id bigint, n int); INSERT INTO lines SELECT n, n FROM generate_series(1, 300) n;"
        ),
        Case(
            "a composite foreign key",
            "add_foreign_key: { table: users, columns: [country, code], references: { table: pairs } }",
            "ALTER TABLE users ADD FOREIGN KEY (country, code) REFERENCES pairs",
            Pairs
        ),
        Case(
            "a composite foreign key, pairs in another order, full match",
            "add_foreign_key: { table: users, columns: [code, country], references: { table: pairs, "
                + "columns: [code, country], match: full } }",
            "ALTER TABLE users ADD FOREIGN KEY (code, country) REFERENCES pairs (code, country) MATCH FULL",
            Pairs + "DELETE FROM users WHERE id = 2;"
        ),
        Case(
            "a foreign key that sets some columns",
            "add_foreign_key: { table: users, columns: [country, code], references: { table: pairs, "
                + "on_delete: set_null, on_delete_columns: [code] } }",
            "ALTER TABLE users ADD FOREIGN KEY (country, code) REFERENCES pairs ON DELETE SET NULL (code)",
            Pairs
        ) with
        {
            FirstVersion = 15,
        },
        Case(
            "a foreign key to the table itself",
            "add_foreign_key: { table: nodes, columns: [parent], references: { table: nodes } }",
            "ALTER TABLE nodes ADD FOREIGN KEY (parent) REFERENCES nodes",
            "CREATE TABLE nodes (id int PRIMARY KEY, parent int); INSERT INTO nodes SELECT n, nullif(n / "
                + "2, 0) FROM generate_series(1, 100) n;"
        ),
        Case(
            "a foreign key of a partitioned table",
            "add_foreign_key: { table: events, columns: [currency], references: { table: currencies, "
                + "columns: [code] } }",
            "ALTER TABLE events ADD FOREIGN KEY (currency) REFERENCES currencies (code)",
            Partitions
        ),
        Case(
            "a foreign key to a partitioned table",
            "add_foreign_key: { table: notes, columns: [id, at], references: { table: events } }",
            "ALTER TABLE notes ADD FOREIGN KEY (id, at) REFERENCES events",
            Partitions
                + "ALTER TABLE events ADD PRIMARY KEY (id, at); CREATE TABLE notes (id int, at date); INSERT "
                + "INTO notes SELECT id, at FROM events WHERE id < 50;"
        ),
        Case(
            "a foreign key between collations and kinds of text",
            "add_foreign_key: { table: c1, columns: [k], references: { table: p1 } }\n  - add_foreign_key: "
                + "{ table: c1, columns: [b], references: { table: p2 } }\n  - add_foreign_key: { table: c1, "
                + "columns: [n], references: { table: p3 } }",
            "ALTER TABLE c1 ADD FOREIGN KEY (k) REFERENCES p1; ALTER TABLE c1 ADD FOREIGN KEY (b) "
                + "REFERENCES p2; ALTER TABLE c1 ADD FOREIGN KEY (n) REFERENCES p3",
            "CREATE TABLE p1 (k text COLLATE \"C\" PRIMARY KEY); CREATE TABLE p2 (k char(5) PRIMARY KEY); "
                + "CREATE TABLE p3 (k int PRIMARY KEY); INSERT INTO p1 VALUES ('x'); INSERT INTO p2 VALUES "
                + "('US'); INSERT INTO p3 VALUES (1); CREATE TABLE c1 (k text COLLATE \"POSIX\", b text, n "
                + "bigint); INSERT INTO c1 VALUES ('x', 'US ', 1), ('x', 'US', NULL);"
        ),
        Case(
            "names that another table's constraints have",
            "add_check: { table: codes, name: sane, check: code > 0 }\n  - add_foreign_key: { table: "
                + "codes, name: of_order, columns: [code], references: { table: orders } }",
            "ALTER TABLE codes ADD CONSTRAINT sane CHECK (code > 0); ALTER TABLE codes ADD CONSTRAINT "
                + "of_order FOREIGN KEY (code) REFERENCES orders",
            "CREATE TABLE codes (code int); INSERT INTO codes VALUES (1); ALTER TABLE orders ADD "
                + "CONSTRAINT sane CHECK (amount > 0), ADD CONSTRAINT of_order CHECK (id > 0);"
        ),
        new()
        {
            Name = "Constraint: a primary key of a column of the same change",
            Setup = Cases.Orders + Pairs,
            File =
                "operations:\n  - add_column: { table: users, name: k, type: int, backfill: id * 2 }\n  - "
                + "add_primary_key: { table: users, columns: [k] }",
            Plain =
                "ALTER TABLE users ADD COLUMN k int; UPDATE users SET k = id * 2; ALTER TABLE users ADD "
                + "PRIMARY KEY (k)",
        },
        Case(
            "UNIQUE, named by the server",
            "add_unique: { table: orders, columns: [amount] }",
            "ALTER TABLE orders ADD UNIQUE (amount)"
        ),
        Case(
            "UNIQUE over two columns, with a name, deferrable",
            "add_unique: { table: orders, name: pair, columns: [amount, note], deferrable: true, "
                + "initially_deferred: true }",
            "ALTER TABLE orders ADD CONSTRAINT pair UNIQUE (amount, note) DEFERRABLE INITIALLY DEFERRED"
        ),
        Case(
            "UNIQUE with INCLUDE",
            "add_unique: { table: orders, columns: [amount], include: [region] }",
            "ALTER TABLE orders ADD UNIQUE (amount) INCLUDE (region)"
        ),
        Case(
            "UNIQUE where NULLs are the same",
            "add_unique: { table: currencies, columns: [name, code], nulls_not_distinct: true }",
            "ALTER TABLE currencies ADD UNIQUE NULLS NOT DISTINCT (name, code)"
        ) with
        {
            FirstVersion = 15,
        },
        Case(
            "UNIQUE where NULLs differ",
            "add_unique: { table: users, columns: [email] }",
            "ALTER TABLE users ADD UNIQUE (email)",
            Pairs
        ),
        Case(
            "a primary key of NOT NULL columns",
            "add_primary_key: { table: numbers, columns: [n] }",
            "ALTER TABLE numbers ADD PRIMARY KEY (n)",
            "CREATE TABLE numbers (n int NOT NULL); INSERT INTO numbers SELECT generate_series(1, 100);"
        ),
        Case(
            "a primary key of nullable columns, with a name and INCLUDE",
            "add_primary_key: { table: users, name: user_ids, columns: [id], include: [email] }",
            "ALTER TABLE users ADD CONSTRAINT user_ids PRIMARY KEY (id) INCLUDE (email)",
            Pairs
        ),
        Case(
            "UNIQUE of a partitioned table",
            "add_unique: { table: events, columns: [id, at], include: [kind] }",
            "ALTER TABLE events ADD UNIQUE (id, at) INCLUDE (kind)",
            Partitions
        ),
        Case(
            "a primary key of a partitioned table, of a nullable column too, with a name",
            "add_primary_key: { table: events, name: \"Event's\", columns: [at, id] }",
            "ALTER TABLE events ADD CONSTRAINT \"Event's\" PRIMARY KEY (at, id)",
            Partitions + "ALTER TABLE events ALTER id DROP NOT NULL;"
        ) with
        {
            LastVersion = 17,
        },
        Case(
            "UNIQUE of a partitioned table, partitioned again, deferrable",
            "add_unique: { table: nested, columns: [id, k], deferrable: true }",
            "ALTER TABLE nested ADD UNIQUE (id, k) DEFERRABLE",
            "CREATE TABLE nested (id int, k int) PARTITION BY RANGE (id); CREATE TABLE nested_1 PARTITION "
                + "OF nested FOR VALUES FROM (0) TO (100) PARTITION BY LIST (k); CREATE TABLE nested_1a PARTITION "
                + "OF nested_1 DEFAULT; CREATE TABLE nested_2 PARTITION OF nested DEFAULT; INSERT INTO nested "
                + "SELECT n, n FROM generate_series(1, 200) n;"
        ),
        Case(
            "a foreign key whose orphans are repaired",
            "add_foreign_key: { table: strays, columns: [order_id], references: { table: orders }, repair: "
                + "{ order_id: \"null\", note: \"'was ' || order_id\" } }",
            "UPDATE strays SET note = 'was ' || order_id, order_id = NULL WHERE order_id > 300; ALTER "
                + "TABLE strays ADD FOREIGN KEY (order_id) REFERENCES orders",
            "CREATE TABLE strays (order_id bigint, note text); INSERT INTO strays SELECT n * 3 FROM "
                + "generate_series(1, 200) n;"
        ) with
        {
            KeepsWhatItFilled = true,
        },
        Case(
            "CHECK dropped",
            "drop_constraint: { table: orders, name: sane }",
            "ALTER TABLE orders DROP CONSTRAINT sane",
            "ALTER TABLE orders ADD CONSTRAINT sane CHECK (amount > 0 AND note <> 'now');"
        ),
        Case(
            "a foreign key dropped",
            "drop_constraint: { table: lines, name: of_order }",
            "ALTER TABLE lines DROP CONSTRAINT of_order",
            "CREATE TABLE lines (order_id bigint CONSTRAINT of_order REFERENCES orders);"
        ),
        Case(
            "a primary key dropped",
            "drop_constraint: { table: orders, name: orders_pkey }",
            "ALTER TABLE orders DROP CONSTRAINT orders_pkey"
        ),
        Case(
            "a constraint of a partitioned table dropped",
            "drop_constraint: { table: events, name: ids }",
            "ALTER TABLE events DROP CONSTRAINT ids",
            Partitions + "ALTER TABLE events ADD CONSTRAINT ids CHECK (id > 0);"
        ),
        Case(
            "CHECK renamed",
            "rename_constraint: { table: orders, name: sane, to: \"Sane; \\\"now\\\"\" }",
            "ALTER TABLE orders RENAME CONSTRAINT sane TO \"Sane; \"\"now\"\"\"",
            "ALTER TABLE orders ADD CONSTRAINT sane CHECK (amount > 0);"
        ),
        Case(
            "a unique constraint renamed",
            "rename_constraint: { table: currencies, name: currencies_name_key, to: names }",
            "ALTER TABLE currencies RENAME CONSTRAINT currencies_name_key TO names"
        ),
        Case(
            "a foreign key renamed, another dropped",
            "rename_constraint: { table: lines, name: a, to: b }\n  - drop_constraint: { table: lines, name: c }",
            "ALTER TABLE lines RENAME CONSTRAINT a TO b; ALTER TABLE lines DROP CONSTRAINT c",
            "CREATE TABLE lines (order_id bigint CONSTRAINT a REFERENCES orders, other bigint CONSTRAINT c "
                + "REFERENCES orders);"
        ),
        new()
        {
            Name = "Constraint: all kinds of them with an index in one change",
            Setup = Cases.Orders + Pairs,
            File = """
                operations:
                  - create_index: { table: users, columns: [country, code] }
                  - add_foreign_key: { table: users, columns: [country, code], references: { table: pairs } }
                  - add_primary_key: { table: users, columns: [id] }
                  - add_unique: { table: users, columns: [email] }
                  - add_check: { table: users, check: id > 0 }
                """,
            Plain =
                "CREATE INDEX ON users (country, code); ALTER TABLE users ADD FOREIGN KEY (country, code) "
                + "REFERENCES pairs, ADD PRIMARY KEY (id), ADD UNIQUE (email), ADD CHECK (id > 0)",
        },
    ];

    /// <summary>Only on small tables.</summary>
    public static IReadOnlyList<ChangeCase> Exclusions { get; } =
    [
        Case(
            "EXCLUDE, named by the server",
            "add_exclusion: { table: bookings, elements: [{ column: during, operator: \"&&\" }] }",
            "ALTER TABLE bookings ADD EXCLUDE USING gist (during WITH &&)",
            Bookings
        ),
        Case(
            "EXCLUDE with everything",
            "add_exclusion: { table: bookings, name: \"No 'two'\", method: gist, elements: [{ expression: "
                + "\"int4range(room, room, '[]')\", operator: \"=\" }, { column: during, opclass: range_ops, "
                + "operator: \"&&\" }], where: room > 1, deferrable: true, initially_deferred: true }",
            "ALTER TABLE bookings ADD CONSTRAINT \"No 'two'\" EXCLUDE USING gist (int4range(room, room, "
                + "'[]') WITH =, during range_ops WITH &&) WHERE (room > 1) DEFERRABLE INITIALLY DEFERRED",
            Bookings
        ),
        Case(
            "EXCLUDE by equality of text",
            "add_exclusion: { table: bookings, method: btree, elements: [{ column: note, collation: C, "
                + "operator: \"=\" }] }",
            "ALTER TABLE bookings ADD EXCLUDE USING btree (note COLLATE \"C\" WITH =)",
            Bookings
        ),
        Case(
            "EXCLUDE dropped and one added",
            "drop_constraint: { table: bookings, name: old }\n  - add_exclusion: { table: bookings, name: "
                + "new, elements: [{ column: during, operator: \"-|-\" }] }",
            "ALTER TABLE bookings DROP CONSTRAINT old; ALTER TABLE bookings ADD CONSTRAINT new EXCLUDE "
                + "USING gist (during WITH -|-)",
            Bookings + "ALTER TABLE bookings ADD CONSTRAINT old EXCLUDE USING gist (during WITH &&);"
        ),
    ];

    private const string Bookings =
        "CREATE TABLE bookings (room int, during int4range, note text); INSERT INTO bookings SELECT n, "
        + "int4range(n * 10, n * 10 + 5), 'n' || n FROM generate_series(1, 20) n;";

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") =>
        new()
        {
            Name = $"Constraint: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
