using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// <c>create_index</c>, <c>drop_index</c>, <c>rename_index</c>, <c>replace_index</c> and <c>reindex</c> with all they
/// can say.
/// </summary>
internal static class IndexCases
{
    private const string Partitions = """
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE events_2 PARTITION OF events FOR VALUES
            FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY HASH (id);
        CREATE TABLE events_2a (kind text, dropped int, at date NOT NULL, id int NOT NULL);
        ALTER TABLE events_2a DROP COLUMN dropped;
        ALTER TABLE events_2 ATTACH PARTITION events_2a FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE events_2b PARTITION OF events_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE events_d PARTITION OF events DEFAULT;
        INSERT INTO events SELECT n, date '2026-01-01' + n % 90, 'kind ' || n % 7 FROM generate_series(1, 300) n;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Creates(
            "A plain one, named by the server",
            "table: orders, columns: [region]",
            "CREATE INDEX ON orders (region)"
        ),
        Creates(
            "Several columns and orders",
            "table: orders, name: by_all, columns: [region, { column: amount, order: desc, nulls: last }, "
                + "{ column: note, nulls: first }]",
            "CREATE INDEX by_all ON orders (region, amount DESC NULLS LAST, note NULLS FIRST)"
        ),
        Creates(
            "An expression, named by the server",
            "table: orders, columns: [{ expression: lower(region) }, amount]",
            "CREATE INDEX ON orders (lower(region), amount)"
        ),
        Creates(
            "An expression with collation and operator class",
            "table: orders, columns: [{ expression: \"region || ''\", collation: C, opclass: "
                + "text_pattern_ops, order: desc }]",
            "CREATE INDEX ON orders ((region || '') COLLATE \"C\" text_pattern_ops DESC)"
        ),
        Creates(
            "A partial one with INCLUDE and storage parameters",
            "table: orders, name: partial, columns: [amount], include: [note, region], where: \"region = "
                + "'eu'\", with: { fillfactor: 70 }",
            "CREATE INDEX partial ON orders (amount) INCLUDE (note, region) WITH (fillfactor = 70) WHERE region = 'eu'"
        ),
        Creates(
            "In a tablespace of its own, partial",
            "table: orders, name: spaced, columns: [amount], tablespace: pg_default, where: amount > 5",
            "CREATE INDEX spaced ON orders (amount) TABLESPACE pg_default WHERE amount > 5"
        ),
        Creates(
            "A unique one over two columns",
            "table: orders, name: unique_both, columns: [region, amount], unique: true",
            "CREATE UNIQUE INDEX unique_both ON orders (region, amount)"
        ),
        Creates(
            "A unique one over an expression, partial",
            "table: orders, columns: [{ expression: \"amount * 2\" }], unique: true, where: region IS NOT NULL",
            "CREATE UNIQUE INDEX ON orders ((amount * 2)) WHERE region IS NOT NULL"
        ),
        Creates(
            "A unique one where NULLs are the same",
            "table: currencies, columns: [name], unique: true, nulls_not_distinct: true",
            "CREATE UNIQUE INDEX ON currencies (name) NULLS NOT DISTINCT"
        ) with
        {
            FirstVersion = 15,
        },
        Creates(
            "A unique one over a constant, for one row that is special",
            "table: orders, name: one_first, columns: [{ expression: \"true\" }, { expression: \"1\" }], "
                + "unique: true, where: amount = 1",
            "CREATE UNIQUE INDEX one_first ON orders ((true), (1)) WHERE amount = 1"
        ),
        Creates("hash", "table: orders, columns: [note], method: hash", "CREATE INDEX ON orders USING hash (note)"),
        Creates(
            "brin with a parameter of its operator class",
            "table: orders, columns: [{ column: amount, opclass: \"int4_bloom_ops(n_distinct_per_range = "
                + "50)\" }], method: brin, with: { pages_per_range: 8 }",
            "CREATE INDEX ON orders USING brin (amount int4_bloom_ops (n_distinct_per_range = 50)) WITH "
                + "(pages_per_range = 8)"
        ),
        Creates(
            "gin over jsonb",
            "table: docs, columns: [{ column: body, opclass: jsonb_path_ops }], method: gin, with: { "
                + "fastupdate: \"off\" }",
            "CREATE INDEX ON docs USING gin (body jsonb_path_ops) WITH (fastupdate = off)",
            "CREATE TABLE docs (body jsonb); INSERT INTO docs SELECT jsonb_build_object('n', n) FROM "
                + "generate_series(1, 50) n;"
        ),
        Creates(
            "gist and spgist over points",
            "table: places, columns: [at], method: gist",
            "CREATE INDEX ON places USING gist (at)",
            "CREATE TABLE places (at point); INSERT INTO places SELECT point(n, n) FROM generate_series(1, 50) n;"
        ),
        Creates(
            "On a materialized view",
            "table: kept, columns: [n], unique: true",
            "CREATE UNIQUE INDEX ON kept (n)",
            "CREATE TABLE base (n int); INSERT INTO base SELECT generate_series(1, 50); CREATE "
                + "MATERIALIZED VIEW kept AS SELECT n FROM base;"
        ),
        Creates(
            "Odd names",
            "table: { schema: \"Odd; schema\", name: 'select \"x\"' }, name: \"Index 'of' \\\"all\\\"\", "
                + "columns: [\"a column\", { expression: '\"a column\" || ''\"''' }]",
            "CREATE INDEX \"Index 'of' \"\"all\"\"\" ON \"Odd; schema\".\"select \"\"x\"\"\" (\"a "
                + "column\", (\"a column\" || '\"'))",
            "CREATE SCHEMA \"Odd; schema\"; CREATE TABLE \"Odd; schema\".\"select \"\"x\"\"\" (\"a "
                + "column\" text); INSERT INTO \"Odd; schema\".\"select \"\"x\"\"\" VALUES ('v');"
        ),
        Creates(
            "A name at 63 bytes",
            "table: orders, name: " + new string('n', 63) + ", columns: [amount]",
            $"CREATE INDEX {new string('n', 63)} ON orders (amount)"
        ),
        Creates(
            "On a partitioned table",
            "table: events, columns: [kind, at]",
            "CREATE INDEX ON events (kind, at)",
            Partitions
        ),
        Creates(
            "On a partitioned table, an expression, partial",
            "table: events, name: events_lower_idx, columns: [{ expression: lower(kind) }], where: kind IS NOT NULL",
            "CREATE INDEX events_lower_idx ON events (lower(kind)) WHERE kind IS NOT NULL",
            Partitions
        ),
        Creates(
            "A unique one on a partitioned table",
            "table: events, columns: [id, at], unique: true",
            "CREATE UNIQUE INDEX ON events (id, at)",
            Partitions
        ),
        new()
        {
            Name = "Index: with a column of the same change",
            Setup = Cases.Orders,
            File =
                "operations:\n  - add_column: { table: orders, name: label, type: text, nullable: false, "
                + "backfill: \"coalesce(region, '-')\" }\n  - create_index: { table: orders, columns: [label, "
                + "amount], where: \"label <> '-'\" }",
            Plain =
                "ALTER TABLE orders ADD COLUMN label text; UPDATE orders SET label = coalesce(region, "
                + "'-'); ALTER TABLE orders ALTER COLUMN label SET NOT NULL; CREATE INDEX ON orders (label, "
                + "amount) WHERE label <> '-'",
        },
        new()
        {
            Name = "Index: by the server's name on a column of the same change",
            Setup = Cases.Orders,
            File =
                "operations:\n  - add_column: { table: orders, name: label, type: text }\n  - "
                + "create_index: { table: orders, columns: [label] }\n  - add_unique: { table: orders, "
                + "columns: [label] }",
            Plain =
                "ALTER TABLE orders ADD COLUMN label text; CREATE INDEX ON orders (label); ALTER TABLE "
                + "orders ADD UNIQUE (label)",
        },
        Case(
            "the same twice, and a CHECK",
            "create_index: { table: orders, columns: [region] }\n  - create_index: { table: orders, "
                + "columns: [region] }\n  - add_check: { table: orders, name: orders_region_idx2, check: "
                + "amount > 0 }",
            "CREATE INDEX ON orders (region); CREATE INDEX ON orders (region); ALTER TABLE orders ADD "
                + "CONSTRAINT orders_region_idx2 CHECK (amount > 0)",
            ""
        ),
        Case(
            "dropped",
            "drop_index: { index: orders_by_region }",
            "DROP INDEX orders_by_region",
            "CREATE INDEX orders_by_region ON orders (region);"
        ),
        Case(
            "dropped, unique and partial",
            "drop_index: { index: public.orders_by_region }",
            "DROP INDEX orders_by_region",
            "CREATE UNIQUE INDEX orders_by_region ON orders (lower(region), id) WHERE amount > 5;"
        ),
        Case(
            "dropped on a partitioned table",
            "drop_index: { index: events_by_kind }",
            "DROP INDEX events_by_kind",
            Partitions + "CREATE INDEX events_by_kind ON events (kind);"
        ),
        Case(
            "renamed",
            "rename_index: { index: orders_by_region, to: \"By \\\"Region\\\"\" }",
            "ALTER INDEX orders_by_region RENAME TO \"By \"\"Region\"\"\"",
            "CREATE INDEX orders_by_region ON orders (region);"
        ),
        Case(
            "renamed with its constraint",
            "rename_index: { index: currencies_name_key, to: currency_names }",
            "ALTER INDEX currencies_name_key RENAME TO currency_names",
            ""
        ),
        Case(
            "replaced under its name",
            "replace_index: { index: one, by: { columns: [region, { column: amount, order: desc }], where: "
                + "amount > 0 } }",
            "CREATE INDEX other ON orders (region, amount DESC) WHERE amount > 0; DROP INDEX one; ALTER "
                + "INDEX other RENAME TO one",
            "CREATE INDEX one ON orders (region);"
        ),
        Case(
            "replaced by one of another name, unique",
            "replace_index: { index: one, by: { name: \"Other 'one'\", columns: [amount], unique: true } }",
            "CREATE UNIQUE INDEX \"Other 'one'\" ON orders (amount); DROP INDEX one",
            "CREATE INDEX one ON orders (region);"
        ),
        Case(
            "replaced on a partitioned table",
            "replace_index: { index: one, by: { columns: [kind, id] } }",
            "CREATE INDEX events_kind_id_idx ON events (kind, id); DROP INDEX one; ALTER INDEX "
                + "events_kind_id_idx RENAME TO one",
            Partitions + "CREATE INDEX one ON events (kind);"
        ),
        Case(
            "built anew, one that was invalid",
            "reindex: { index: one }",
            "REINDEX INDEX one",
            "CREATE INDEX one ON orders (region); UPDATE pg_index SET indisvalid = false WHERE indexrelid "
                + "= 'one'::regclass;"
        ),
        Case(
            "all of a table built anew, with odd names",
            "reindex: { table: orders }",
            "REINDEX TABLE orders",
            $"CREATE INDEX \"One; --\" ON orders (region); CREATE INDEX \"{new string('ö', 31)}x\" ON orders (note);"
        ),
        Case(
            "of a partitioned table built anew",
            "reindex: { index: one }",
            "SELECT 1",
            Partitions + "CREATE INDEX one ON events (kind);"
        ),
        Case(
            "renamed and dropped in one change",
            "rename_index: { index: one, to: uno }\n  - drop_index: { index: two }",
            "ALTER INDEX one RENAME TO uno; DROP INDEX two",
            "CREATE INDEX one ON orders (region); CREATE INDEX two ON orders (note);"
        ),
    ];

    private static ChangeCase Creates(string name, string index, string plain, string setup = "") =>
        Case(name, $"create_index: {{ {index} }}", plain, setup);

    private static ChangeCase Case(string name, string operation, string plain, string setup) =>
        new()
        {
            Name = $"Index: {name}",
            Setup = Cases.Orders + setup,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
