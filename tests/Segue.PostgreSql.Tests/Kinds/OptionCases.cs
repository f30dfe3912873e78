using Segue.Conformance;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Storage parameters and comments of tables.</summary>
internal static class OptionCases
{
    private const string Tables = """
        CREATE TABLE goods (id int PRIMARY KEY, label text) WITH (fillfactor = 70, autovacuum_enabled = off,
            toast.autovacuum_enabled = false); COMMENT ON TABLE goods IS 'Old';
        INSERT INTO goods SELECT n, 'x' FROM generate_series(1, 100) n;
        CREATE SCHEMA "Other; schema"; CREATE TABLE "Other; schema"."It's" (id int) PARTITION BY RANGE (id);
        CREATE TABLE "Other; schema"."Part 1" PARTITION OF "Other; schema"."It's" DEFAULT;
        """;

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "set",
            "set_options: { table: goods, set: { fillfactor: 80, autovacuum_vacuum_scale_factor: 0.01, "
                + "toast.vacuum_truncate: 'false', parallel_workers: 2 } }",
            "ALTER TABLE goods SET (fillfactor = 80, autovacuum_vacuum_scale_factor = '0.01', "
                + "toast.vacuum_truncate = false, parallel_workers = 2)"
        ),
        Case(
            "set and reset, with a comment",
            "set_options: { table: goods, set: { autovacuum_enabled: true, user_catalog_table: 'on' }, "
                + "reset: [fillfactor, toast.autovacuum_enabled], comment: \"It's new\" }",
            "ALTER TABLE goods SET (autovacuum_enabled = 'true', user_catalog_table = 'on'), RESET "
                + "(fillfactor, toast.autovacuum_enabled); COMMENT ON TABLE goods IS 'It''s new'"
        ),
        Case(
            "of a partition",
            "set_options: { table: { schema: \"Other; schema\", name: Part 1 }, set: { fillfactor: 50 } }",
            "ALTER TABLE \"Other; schema\".\"Part 1\" SET (fillfactor = 50)"
        ),
        Case(
            "comment of a partitioned table",
            "set_options: { table: '\"Other; schema\".\"It''s\"', comment: New }",
            "COMMENT ON TABLE \"Other; schema\".\"It's\" IS 'New'"
        ),
        Case("what is so already", "set_options: { table: goods, set: { fillfactor: 70 }, comment: Old }", "SELECT 1"),
    ];

    private static ChangeCase Case(string name, string operation, string plain) =>
        new()
        {
            Name = $"Options: {name}",
            Setup = Tables,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
