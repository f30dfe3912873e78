using Segue.Conformance;
using Segue.PostgreSql.Tests.AddColumn;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Enum types made, extended and renamed.</summary>
internal static class EnumCases
{
    private const string Status = """
        CREATE TYPE status AS ENUM ('open', 'paid');
        CREATE TABLE sales (id int PRIMARY KEY, status status NOT NULL DEFAULT 'open');
        INSERT INTO sales SELECT n, (CASE n % 2 WHEN 0 THEN 'open' ELSE 'paid' END)::status
            FROM generate_series(1, 100) n;
        CREATE SCHEMA "Other; schema"; CREATE TYPE "Other; schema"."Le type" AS ENUM ('a', '', 'It''s');
        """;

    private static readonly string LongName = new('é', 31);

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "made",
            "create_enum: { name: mood, labels: [sad, \"It's; \\\"ok\\\"\", 'true', 1], comment: \"How 'they' feel\" }",
            "CREATE TYPE mood AS ENUM ('sad', 'It''s; \"ok\"', 'true', '1'); COMMENT ON TYPE mood IS 'How "
                + "''they'' feel'"
        ),
        Case(
            "made in another schema, with long names",
            $"create_enum: {{ name: {{ schema: \"Other; schema\", name: {LongName} }}, labels: [{LongName}, Select] }}",
            $"CREATE TYPE \"Other; schema\".\"{LongName}\" AS ENUM ('{LongName}', 'Select')"
        ),
        Case(
            "made, with a column of it",
            "create_enum: { name: mood, labels: [sad, ok] }\n  - add_column: { table: sales, name: mood, "
                + "type: mood, nullable: false, default: \"'ok'\", comment: Now }",
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TABLE sales ADD COLUMN mood mood NOT NULL "
                + "DEFAULT 'ok'; COMMENT ON COLUMN sales.mood IS 'Now'"
        ),
        Case(
            "made, with a column that is filled",
            "create_enum: { name: mood, labels: [sad, ok] }\n  - add_column: { table: sales, name: mood, "
                + "type: mood, nullable: false, backfill: \"CASE WHEN id % 3 = 0 THEN 'sad'::mood ELSE "
                + "'ok' END\" }",
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TABLE sales ADD COLUMN mood mood; UPDATE sales "
                + "SET mood = CASE WHEN id % 3 = 0 THEN 'sad'::mood ELSE 'ok' END; ALTER TABLE sales ALTER mood "
                + "SET NOT NULL"
        ),
        Case(
            "made where an array type has the name",
            "create_enum: { name: _status, labels: [x] }",
            "CREATE TYPE _status AS ENUM ('x')"
        ),
        Case(
            "extended at the end",
            "add_enum_value: { type: status, value: refunded }",
            "ALTER TYPE status ADD VALUE 'refunded'"
        ),
        Case(
            "extended before and after",
            "add_enum_value: { type: { schema: \"Other; schema\", name: Le type }, value: \"it's\", "
                + "before: a }\n  - add_enum_value: { type: '\"Other; schema\".Le type', value: \"B 'b'\", after: "
                + "\"it's\" }",
            "ALTER TYPE \"Other; schema\".\"Le type\" ADD VALUE 'it''s' BEFORE 'a'; ALTER TYPE \"Other; "
                + "schema\".\"Le type\" ADD VALUE 'B ''b''' AFTER 'it''s'"
        ),
        Case(
            "extended, in a change that waits at a gate",
            "add_enum_value: { type: status, value: refunded, after: open }\n  - add_column: { table: "
                + "sales, name: twice, type: int, backfill: id * 2 }",
            "ALTER TYPE status ADD VALUE 'refunded' AFTER 'open'; ALTER TABLE sales ADD twice int; UPDATE "
                + "sales SET twice = id * 2"
        ),
        Case(
            "label renamed",
            "rename_enum_value: { type: status, from: paid, to: \"It's paid\" }",
            "ALTER TYPE status RENAME VALUE 'paid' TO 'It''s paid'"
        ),
        Case(
            "label renamed, one added",
            "rename_enum_value: { type: status, from: open, to: new }\n  - add_enum_value: { type: status, "
                + "value: open, before: new }",
            "ALTER TYPE status RENAME VALUE 'open' TO 'new'; ALTER TYPE status ADD VALUE 'open' BEFORE 'new'"
        ),
    ];

    private static ChangeCase Case(string name, string operation, string plain) =>
        new()
        {
            Name = $"Enum: {name}",
            Setup = Cases.Orders + Status,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
