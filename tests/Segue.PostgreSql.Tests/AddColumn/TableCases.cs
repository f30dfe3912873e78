using Segue.Conformance;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Tables of every sort.</summary>
internal static class TableCases
{
    private const string Rows = "INSERT INTO items (label, n) SELECT 'item ' || n, n FROM generate_series(1, 400) n;";

    public static IReadOnlyList<ChangeCase> All { get; } =
    [
        Case(
            "no primary key",
            $"CREATE TABLE items (label text, n int); {Rows} INSERT INTO items SELECT * FROM items;"
        ),
        Case("a composite key", $"CREATE TABLE items (label text, n int, PRIMARY KEY (label, n)); {Rows}"),
        Case(
            "a uuid key",
            $"CREATE TABLE items (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), label text, n int); {Rows}"
        ),
        Case(
            "a GENERATED ALWAYS key",
            $"CREATE TABLE items (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text, n int); {Rows}"
        ),
        Case(
            "triggers that sort before and after Segue's",
            $"""
            CREATE TABLE items (label text, n int, touched int NOT NULL DEFAULT 0);
            CREATE TABLE audit (label text, op text);
            {Rows}
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := NEW.touched + 1;
                RETURN NEW; END $$;
            CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit
                VALUES (NEW.label, TG_OP); RETURN NULL; END $$;
            CREATE TRIGGER "AAA" BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();
            CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();
            CREATE TRIGGER "AAA_log" AFTER INSERT OR UPDATE ON items FOR EACH ROW EXECUTE FUNCTION log();
            CREATE TRIGGER zzz_log AFTER UPDATE OF n ON items FOR EACH ROW EXECUTE FUNCTION log();
            CREATE TRIGGER statement BEFORE UPDATE ON items FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION touch();
            ALTER TABLE items DISABLE TRIGGER zzz_log;
            """
        ) with
        {
            LeavesTraces = true,
        },
        Case(
            "forced row security",
            $"""
            CREATE TABLE items (label text, n int); {Rows}
            ALTER TABLE items ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY even ON items USING (n % 2 = 0) WITH CHECK (true);
            """
        ),
        Case(
            "a stored generated column",
            $"CREATE TABLE items (label text, n int, twice int GENERATED ALWAYS AS (n * 2) STORED); {Rows}"
        ),
        Case(
            "views on top",
            $"""
            CREATE TABLE items (label text, n int); {Rows}
            CREATE VIEW labels AS SELECT label FROM items;
            CREATE VIEW everything AS SELECT * FROM items;
            CREATE MATERIALIZED VIEW kept AS SELECT n, count(*) FROM items GROUP BY n;
            CREATE RULE noted AS ON DELETE TO items DO ALSO NOTHING;
            """
        ),
        Case(
            "replica identity full, published",
            $"CREATE TABLE items (label text, n int); {Rows} ALTER TABLE items REPLICA IDENTITY FULL; "
                + "CREATE PUBLICATION p FOR TABLE items;"
        ),
        Case(
            "replica identity nothing",
            $"CREATE TABLE items (label text, n int PRIMARY KEY); {Rows} ALTER TABLE items REPLICA IDENTITY NOTHING;"
        ),
        Case(
            "a publication of all tables",
            $"CREATE TABLE items (label text, n int PRIMARY KEY); {Rows} CREATE PUBLICATION p FOR ALL TABLES;"
        ),
        Case(
            "a publication with a column list and a filter",
            $"CREATE TABLE items (label text, n int PRIMARY KEY); {Rows} CREATE PUBLICATION p FOR TABLE "
                + "items (n, label) WHERE (n > 3);"
        ) with
        {
            FirstVersion = 15,
        },
        Case("no logging", $"CREATE UNLOGGED TABLE items (label text, n int); {Rows}"),
        Case(
            "fillfactor 70",
            $"CREATE TABLE items (label text, n int) WITH (fillfactor = 70, autovacuum_enabled = false); {Rows}"
        ),
        Case(
            "wide rows out of line",
            $"""
            CREATE TABLE items (label text, n int, blob text); {Rows}
            ALTER TABLE items ALTER COLUMN blob SET STORAGE EXTERNAL;
            UPDATE items SET blob = repeat(md5(n::text), 300) WHERE n % 10 = 0;
            """
        ),
        Case(
            "dropped columns, grants and statistics",
            $"""
            CREATE TABLE items (gone int, label text, n int, gone_too text); {Rows}
            ALTER TABLE items DROP COLUMN gone, DROP COLUMN gone_too;
            CREATE ROLE reader_of_this_test; CREATE STATISTICS both_columns ON label, n FROM items;
            GRANT SELECT (n), UPDATE (label) ON items TO reader_of_this_test; GRANT INSERT ON items TO PUBLIC;
            ALTER TABLE items ALTER COLUMN n SET STATISTICS 500, ALTER COLUMN label SET (n_distinct = -0.5);
            """.Replace(
                "CREATE ROLE reader_of_this_test;",
                "DO $$ BEGIN CREATE ROLE reader_of_this_test; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            )
        ),
        Case(
            "constraints, expression and partial indexes of its own",
            $"""
            CREATE TABLE items (label text CHECK (length(label) > 2), n int UNIQUE DEFERRABLE,
                EXCLUDE USING btree (n WITH =)); {Rows}
            CREATE INDEX ON items (lower(label) DESC, n) INCLUDE (label) WHERE n > 5;
            ALTER TABLE items ADD CONSTRAINT unproven CHECK (n > 0) NOT VALID;
            """
        ),
        Case("no rows", "CREATE TABLE items (label text, n int);"),
        Case("no columns", "CREATE TABLE items (); INSERT INTO items SELECT FROM generate_series(1, 100);") with
        {
            File = Cases
                .Adds("table: items, name: label, type: text, nullable: false, backfill: \"'x' || ctid::text\"")
                .Replace("'x' || ctid::text", "md5(clock_timestamp()::text)"),
            Plain =
                "ALTER TABLE items ADD COLUMN label text; UPDATE items SET label = "
                + "md5(clock_timestamp()::text); ALTER TABLE items ALTER COLUMN label SET NOT NULL;",
            ComparesRows = false,
            Holds = "SELECT count(label) = 100 FROM items",
        },
    ];

    public static ChangeCase Case(string name, string setup) =>
        new()
        {
            Name = $"A table with {name}",
            Setup = setup,
            File = Cases.Adds(
                "table: items, name: mark, type: text, nullable: false, backfill: \"coalesce(label, '-') "
                    + "|| '!'\", check: \"mark LIKE '%!'\", index: true",
                "table: items, name: half, type: numeric, derive: n / 2.0"
            ),
            Plain = """
                ALTER TABLE items ADD COLUMN mark text, ADD COLUMN half numeric;
                UPDATE items SET mark = coalesce(label, '-') || '!', half = n / 2.0;
                SET CONSTRAINTS ALL IMMEDIATE;
                ALTER TABLE items ALTER COLUMN mark SET NOT NULL;
                ALTER TABLE items ADD CHECK (mark LIKE '%!');
                CREATE INDEX ON items (mark);
                """,
        };
}
