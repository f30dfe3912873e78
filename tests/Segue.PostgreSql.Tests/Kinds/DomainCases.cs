using Segue.Conformance;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Domains made and altered, with tables that have columns of them.</summary>
internal static class DomainCases
{
    private const string Domains = """
        CREATE DOMAIN price AS numeric(12, 2) DEFAULT 0 CONSTRAINT sane CHECK (VALUE >= 0);
        CREATE DOMAIN net AS price;
        CREATE SCHEMA "Other; schema"; CREATE DOMAIN "Other; schema"."Le code" AS varchar(10) COLLATE "C" NOT NULL
            DEFAULT 'x';
        COMMENT ON DOMAIN price IS 'Money';
        CREATE TABLE goods (id int PRIMARY KEY, price price, "Net 'x'" net);
        INSERT INTO goods SELECT n, n, n * 2 FROM generate_series(1, 100) n;
        CREATE TABLE codes (code "Other; schema"."Le code") PARTITION BY LIST (code);
        CREATE TABLE codes_d PARTITION OF codes DEFAULT; INSERT INTO codes VALUES ('a'), ('b');
        """;

    private static readonly string LongName = new('é', 31);

    /// <summary>On any table.</summary>
    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "made",
            "create_domain: { name: email, type: text, checks: [\"VALUE LIKE '%@%' -- one\", { name: \"Not "
                + "'long'\", check: \"length(VALUE) < 100\" }], comment: \"An 'address'\" }",
            "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%') CONSTRAINT \"Not 'long'\" CHECK "
                + "(length(VALUE) < 100); COMMENT ON DOMAIN email IS 'An ''address'''"
        ),
        Case(
            "made with everything",
            $"create_domain: {{ name: {{ schema: \"Other; schema\", name: {LongName} }}, type: "
                + $"varchar(20), collation: C, default: \"lower('X')\", nullable: false, checks: [VALUE > 'A'] }}",
            $"CREATE DOMAIN \"Other; schema\".\"{LongName}\" AS varchar(20) COLLATE \"C\" DEFAULT "
                + "lower('X') NOT NULL CHECK (VALUE > 'A')"
        ),
        Case(
            "made over another",
            "create_domain: { name: \"Le 'code'\", type: '\"Other; schema\".\"Le code\"', default: \"'y'\" }",
            "CREATE DOMAIN \"Le 'code'\" AS \"Other; schema\".\"Le code\" DEFAULT 'y'"
        ),
        Case(
            "made, with a column of it",
            "create_domain: { name: plain, type: \"int[]\" }\n  - add_column: { table: goods, name: "
                + "numbers, type: plain }",
            "CREATE DOMAIN plain AS int[]; ALTER TABLE goods ADD numbers plain"
        ),
        Case(
            "made, with a column of it below one of another type",
            "create_enum: { name: state, labels: [open] }\n  - add_column: { table: goods, name: state, "
                + "type: state }\n  - create_domain: { name: plain, type: state }\n  - add_column: { table: "
                + "goods, name: plain, type: plain }",
            "CREATE TYPE state AS ENUM ('open'); CREATE DOMAIN plain AS state; ALTER TABLE goods ADD state "
                + "state, ADD plain plain"
        ),
        Case(
            "default set and comment",
            "alter_domain: { domain: price, default: \"1 + 1\", comment: \"Net 'money'\" }",
            "ALTER DOMAIN price SET DEFAULT 1 + 1; COMMENT ON DOMAIN price IS 'Net ''money'''"
        ),
        Case(
            "default dropped",
            "alter_domain: { domain: '\"Other; schema\".\"Le code\"', drop_default: true }",
            "ALTER DOMAIN \"Other; schema\".\"Le code\" DROP DEFAULT"
        ),
        Case(
            "first default and comment",
            "alter_domain: { domain: net, default: 3, comment: Net }",
            "ALTER DOMAIN net SET DEFAULT 3; COMMENT ON DOMAIN net IS 'Net'"
        ),
        Case(
            "constraint renamed",
            "alter_domain: { domain: price, rename_constraint: { from: sane, to: \"Sane; 'now'\" } }",
            "ALTER DOMAIN price RENAME CONSTRAINT sane TO \"Sane; 'now'\""
        ),
        Case(
            "constraint dropped",
            "alter_domain: { domain: price, drop_constraint: sane }",
            "ALTER DOMAIN price DROP CONSTRAINT sane"
        ),
        Case(
            "NULL allowed",
            "alter_domain: { domain: { schema: \"Other; schema\", name: Le code }, nullable: true }",
            "ALTER DOMAIN \"Other; schema\".\"Le code\" DROP NOT NULL"
        ),
        Case(
            "all at once",
            "alter_domain: { domain: net, add_check: VALUE < 1000, default: 7, comment: All }\n  - "
                + "alter_domain: { domain: price, drop_constraint: sane }",
            "ALTER DOMAIN net ADD CHECK (VALUE < 1000) NOT VALID; ALTER DOMAIN net SET DEFAULT 7; COMMENT "
                + "ON DOMAIN net IS 'All'; ALTER DOMAIN price DROP CONSTRAINT sane"
        ),
        Case(
            "CHECK added, unproven",
            "alter_domain: { domain: price, add_check: VALUE < 1000 }",
            "ALTER DOMAIN price ADD CHECK (VALUE < 1000) NOT VALID"
        ),
        Case(
            "CHECK with a name over text, unproven",
            "alter_domain: { domain: '\"Other; schema\".\"Le code\"', add_check: { name: \"It's\", check: "
                + "\"VALUE > '1' AND lower(VALUE) = VALUE\" } }",
            "ALTER DOMAIN \"Other; schema\".\"Le code\" ADD CONSTRAINT \"It's\" CHECK (VALUE > '1' AND "
                + "lower(VALUE) = VALUE) NOT VALID"
        ),
        Case(
            "CHECK of one that no table uses",
            "alter_domain: { domain: unused, add_check: VALUE > 3, nullable: false }",
            "ALTER DOMAIN unused ADD CHECK (VALUE > 3); ALTER DOMAIN unused SET NOT NULL",
            "CREATE DOMAIN unused AS int;"
        ),
    ];

    /// <summary>Where all tables are small.</summary>
    public static IReadOnlyList<ChangeCase> Small { get; } =
    [
        Case(
            "CHECK added and proven",
            "alter_domain: { domain: price, add_check: VALUE < 1000 }",
            "ALTER DOMAIN price ADD CHECK (VALUE < 1000)"
        ),
        Case(
            "CHECK and NOT NULL added and proven",
            "alter_domain: { domain: net, add_check: { name: high, check: VALUE > 1 }, nullable: false, "
                + "rename_constraint: { from: low, to: lower } }",
            "ALTER DOMAIN net ADD CONSTRAINT high CHECK (VALUE > 1); ALTER DOMAIN net SET NOT NULL; ALTER "
                + "DOMAIN net RENAME CONSTRAINT low TO lower",
            "ALTER DOMAIN net ADD CONSTRAINT low CHECK (VALUE > 0);"
        ),
        Case(
            "CHECK of a partitioned table's domain",
            "alter_domain: { domain: '\"Other; schema\".\"Le code\"', add_check: length(VALUE) < 3 }",
            "ALTER DOMAIN \"Other; schema\".\"Le code\" ADD CHECK (length(VALUE) < 3)"
        ),
    ];

    private static ChangeCase Case(string name, string operation, string plain, string setup = "") =>
        new()
        {
            Name = $"Domain: {name}",
            Setup = Domains + setup,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
