using Segue.Conformance;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Tables that become partitions, and partitions that become tables.</summary>
internal static class PartitionKindCases
{
    private const string Range = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY); INSERT INTO currencies VALUES ('USD'), ('EUR');
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind text CONSTRAINT kinds CHECK (kind > ''),
            currency char(3) CONSTRAINT events_cur REFERENCES currencies ON DELETE CASCADE,
            PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
        CREATE INDEX events_kind ON events (lower(kind)) WHERE id > 5;
        CREATE INDEX "Events 'by' currency" ON events (currency DESC);
        ALTER TABLE events ADD CONSTRAINT events_pair UNIQUE (kind, at, id) DEFERRABLE INITIALLY DEFERRED;
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        CREATE TABLE fresh (id int NOT NULL, at date NOT NULL, kind text, currency char(3),
            CONSTRAINT kinds CHECK (kind > ''));
        INSERT INTO events SELECT n, date '2026-01-01' + n % 31, 'k' || n, 'USD' FROM generate_series(1, 100) n;
        INSERT INTO fresh SELECT n, date '2026-02-01' + n % 28, 'k' || n, CASE WHEN n % 2 = 0 THEN 'EUR' END
            FROM generate_series(1, 100) n;

        """;

    private const string WithDefault =
        Range
        + "CREATE TABLE events_d PARTITION OF events DEFAULT; INSERT INTO events SELECT n, date '2026-06-01' "
        + "+ n % 28, 'k' || n, NULL FROM generate_series(200, 300) n;";

    private const string List = """
        CREATE SCHEMA "Other; schema"; CREATE TABLE "Other; schema"."It's" ("Land 'x'" text,
            n int) PARTITION BY LIST ("Land 'x'");
        CREATE TABLE "Other; schema"."Part 1" PARTITION OF "Other; schema"."It's" FOR VALUES IN ('at', 'It''s');
        CREATE TABLE "Le rest" ("Land 'x'" text, n int);
        INSERT INTO "Le rest" VALUES ('de', 1), (NULL, 2), ('fr', 3);
        INSERT INTO "Other; schema"."It's" VALUES ('at', 1);

        """;

    private const string February = "values: \"FROM ('2026-02-01') TO ('2026-03-01')\"";

    /// <summary>
    /// What the server adopts is a constraint of its own that cannot be inherited by others; one that it makes is not.
    /// </summary>
    private const string Keys =
        "ALTER TABLE fresh ADD PRIMARY KEY (id, at), ADD UNIQUE (kind, at, id) DEFERRABLE INITIALLY DEFERRED; ";

    private const string AttachFebruary =
        "ALTER TABLE events ATTACH PARTITION fresh FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')";

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "attached, with indexes and keys made for it",
            $"attach_partition: {{ table: events, partition: fresh, {February} }}",
            Keys + AttachFebruary,
            Range
        ),
        Case(
            "attached beside a default one",
            $"attach_partition: {{ table: events, partition: fresh, {February} }}",
            Keys + AttachFebruary,
            WithDefault
        ),
        Case(
            "attached, with equals of all that the root has",
            $"attach_partition: {{ table: events, partition: fresh, {February} }}",
            AttachFebruary,
            WithDefault
                + "CREATE INDEX a ON fresh (lower(kind)) WHERE id > 5; CREATE INDEX b ON fresh (currency "
                + "DESC); ALTER TABLE fresh ADD PRIMARY KEY (id, at), ADD CONSTRAINT c FOREIGN KEY (currency) "
                + "REFERENCES currencies ON DELETE CASCADE, ADD CONSTRAINT d UNIQUE (kind, at, id) DEFERRABLE "
                + "INITIALLY DEFERRED;"
        ),
        Case(
            "attached as the default one",
            "attach_partition: { table: events, partition: fresh, default: true }",
            Keys + "ALTER TABLE events ATTACH PARTITION fresh DEFAULT",
            Range
        ),
        Case(
            "attached by list, hostile names",
            "attach_partition: { table: { schema: \"Other; schema\", name: \"It's\" }, partition: Le rest, "
                + "values: \"IN ('de', NULL, 'fr')\" }",
            "ALTER TABLE \"Other; schema\".\"It's\" ATTACH PARTITION \"Le rest\" FOR VALUES IN ('de', NULL, 'fr')",
            List
        ),
        Case(
            "attached as the default one by list",
            "attach_partition: { table: { schema: \"Other; schema\", name: \"It's\" }, partition: Le rest, "
                + "default: true }",
            "ALTER TABLE \"Other; schema\".\"It's\" ATTACH PARTITION \"Le rest\" DEFAULT",
            List
        ),
        Case(
            "attached by a range of several columns and expressions",
            "attach_partition: { table: r, partition: s, values: \"FROM (10, 'a', MINVALUE) TO (20, 'b', MAXVALUE)\" }",
            "ALTER TABLE r ATTACH PARTITION s FOR VALUES FROM (10, 'a', MINVALUE) TO (20, 'b', MAXVALUE)",
            "CREATE TABLE r (a int, b text COLLATE \"C\", c int) PARTITION BY RANGE (a, b, (lower(b))); "
                + "CREATE TABLE rd PARTITION OF r DEFAULT; CREATE TABLE s (a int, b text COLLATE \"C\", c int); "
                + "INSERT INTO s VALUES (10, 'a', 1), (15, 'x', 1); INSERT INTO r VALUES (NULL, 'a', 1), (1, "
                + "'b', 1);"
        ),
        Case(
            "attached, in a change that waits at a gate",
            $"attach_partition: {{ table: events, partition: fresh, {February} }}\n  - drop_constraint: {{ "
                + $"table: events, name: kinds }}",
            Keys + AttachFebruary + "; ALTER TABLE events DROP CONSTRAINT kinds",
            WithDefault
        ),
        Case(
            "detached beside a default one",
            "detach_partition: { table: events, partition: events_1 }",
            "ALTER TABLE events DETACH PARTITION events_1",
            WithDefault
        ),
        Case(
            "the default one detached",
            "detach_partition: { table: events, partition: events_d }",
            "ALTER TABLE events DETACH PARTITION events_d",
            WithDefault
        ),
        Case(
            "detached, with foreign keys",
            "detach_partition: { table: events, partition: events_1 }",
            "ALTER TABLE events DETACH PARTITION events_1",
            Range
        ),
        Case(
            "detached concurrently",
            "detach_partition: { table: { schema: \"Other; schema\", name: \"It's\" }, partition: { "
                + "schema: \"Other; schema\", name: Part 1 } }",
            "ALTER TABLE \"Other; schema\".\"It's\" DETACH PARTITION \"Other; schema\".\"Part 1\"; ALTER "
                + "TABLE \"Other; schema\".\"Part 1\" ADD CHECK (\"Land 'x'\" IS NOT NULL AND \"Land 'x'\" = ANY "
                + "('{at,It''s}'::text[]))",
            List
        ),
    ];

    private static ChangeCase Case(string name, string operation, string plain, string setup) =>
        new()
        {
            Name = $"Partition: {name}",
            Setup = setup,
            File = $"operations:\n  - {operation}",
            Plain = plain,
        };
}
