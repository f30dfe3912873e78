namespace Segue.PostgreSql.Tests.Statements;

/// <summary>Statements, what running code loses by each, and the kind that <c>explain</c> names instead.</summary>
internal static class BreakageCases
{
    public static readonly (string Statement, string[] Breaks, string? Instead)[] All =
    [
        (
            "ALTER TABLE orders RENAME COLUMN amount TO total",
            ["TakesName it renames the column public.orders.amount to total"],
            "`rename_column`"
        ),
        (
            "ALTER TABLE orders RENAME TO bills",
            ["TakesName it renames the table public.orders to bills"],
            "`rename_table`"
        ),
        (
            "ALTER TABLE lines DROP COLUMN order_id",
            ["TakesName it drops the column public.lines.order_id", "LosesData the values of public.lines.order_id"],
            "`drop_column`"
        ),
        (
            "DROP TABLE lines",
            ["TakesName it drops the table public.lines", "LosesData the rows of public.lines"],
            "`drop_table`"
        ),
        ("TRUNCATE lines", ["LosesData all rows of \"public\".\"lines\""], "`prune`"),
        ("DELETE FROM orders", ["LosesData all rows of \"public\".\"orders\""], "`prune`"),
        ("DELETE FROM orders WHERE id = 5", [], "`prune`"),
        (
            "ALTER TABLE orders ALTER note SET NOT NULL",
            ["Narrows public.orders.note becomes NOT NULL"],
            "`alter_column` with `nullable: false`"
        ),
        (
            "ALTER TABLE orders ALTER n DROP DEFAULT",
            ["Narrows public.orders.n loses its default"],
            "`alter_column` with `drop_default`"
        ),
        (
            "ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID",
            ["Narrows public.orders gets the CHECK"],
            "`add_check`"
        ),
        ("ALTER TABLE orders ADD x int CHECK (x > 0)", [], "kind `add_column` does"),
        (
            "ALTER TABLE orders ADD x int, ADD CHECK (amount > 0)",
            ["Narrows public.orders gets the CHECK"],
            "kinds `add_column` and `add_check` do"
        ),
        ("ALTER TABLE orders ADD x int GENERATED ALWAYS AS (amount * 2) STORED", [], "`add_column` with `derive`"),
        (
            "ALTER TABLE orders ADD x int NOT NULL",
            ["Narrows the new column public.orders.x is NOT NULL"],
            "`add_column`"
        ),
        (
            "CREATE UNIQUE INDEX ON lines (id)",
            ["Narrows the index lines_id_idx makes rows of public.lines unique"],
            "`create_index`"
        ),
        ("CREATE INDEX ON counted (amount)", [], "`create_index`"),
        (
            "DROP INDEX orders_amount",
            ["TakesName the unique index orders_amount of public.orders is dropped"],
            "`drop_index`"
        ),
        (
            "ALTER TABLE orders RENAME CONSTRAINT one_note TO single",
            ["TakesName it renames the constraint one_note of public.orders to single"],
            "`rename_constraint`"
        ),
        (
            "ALTER TABLE lines ADD FOREIGN KEY (order_id) REFERENCES orders NOT VALID",
            ["Narrows public.lines gets the foreign key"],
            "`add_foreign_key`"
        ),
        ("ALTER TABLE orders ALTER note TYPE varchar(100)", [], "`alter_column` with `type`"),
        (
            "ALTER TABLE orders ALTER note TYPE varchar(10)",
            ["Narrows public.orders.note changes from character varying(50) to character varying(10)"],
            "`add_column` with `derive`"
        ),
        (
            "CREATE RULE none AS ON INSERT TO lines DO INSTEAD NOTHING",
            ["LosesData writes of running code to public.lines are replaced by the rule none"],
            "`sql` with `waits_for`"
        ),
        ("ALTER POLICY p ON walled USING (false)", ["Narrows the policies of public.walled change"], null),
        ("ALTER TABLE lines ENABLE ROW LEVEL SECURITY", ["Narrows row security of public.lines begins to apply"], null),
        (
            "ALTER TABLE parts DETACH PARTITION parts_1",
            ["TakesName public.parts no longer includes the rows of public.parts_1"],
            "`detach_partition`"
        ),
        (
            "ALTER TABLE parts ALTER n SET NOT NULL",
            ["Narrows public.parts.n becomes NOT NULL"],
            "`alter_column` with `nullable: false`"
        ),
        ("COMMENT ON COLUMN orders.note IS 'x'", [], "`alter_column` with `comment`"),
        ("COMMENT ON TABLE orders IS 'x'", [], "`set_options`"),
        ("DROP VIEW seen", ["TakesName it drops the view public.seen"], "`sql` with `waits_for`"),
        (
            "DROP MATERIALIZED VIEW counted",
            ["TakesName it drops the materialized view public.counted"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER VIEW seen RENAME total TO amount",
            ["TakesName it renames the column public.seen.total to amount"],
            "`sql` with `waits_for`"
        ),
        ("CREATE VIEW other AS SELECT 1 AS one", [], null),
        (
            "DROP FUNCTION twice(int)",
            ["TakesName it drops the function public.twice(n integer)"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER FUNCTION twice(int) SET SCHEMA app",
            ["TakesName it renames the function public.twice(n integer) to app.twice(n integer)"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TYPE mood RENAME VALUE 'bad' TO 'poor'",
            ["TakesName it renames the value public.mood.'bad' to mood.'poor'"],
            "`rename_enum_value`"
        ),
        ("ALTER TYPE mood ADD VALUE 'fine'", [], "`add_enum_value`"),
        (
            "ALTER TYPE place DROP ATTRIBUTE town",
            ["TakesName it drops the column public.place.town"],
            "`sql` with `waits_for`"
        ),
        ("DROP DOMAIN free", ["TakesName it drops the domain public.free"], "`sql` with `waits_for`"),
        (
            "ALTER DOMAIN short ADD CONSTRAINT c CHECK (length(VALUE) < 9)",
            ["Narrows the domain accepts fewer values"],
            "`alter_domain`"
        ),
        (
            "ALTER DOMAIN free ADD CONSTRAINT c CHECK (length(VALUE) < 9)",
            ["Narrows the domain public.free gets the CHECK c"],
            "`alter_domain`"
        ),
        ("DROP SEQUENCE numbers", ["TakesName it drops the sequence public.numbers"], "`sql` with `waits_for`"),
        (
            "DROP TRIGGER t ON lines",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE lines DISABLE TRIGGER t",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE lines ENABLE REPLICA TRIGGER t",
            ["Changes the trigger t of public.lines no longer fires"],
            "`sql` with `waits_for`"
        ),
        ("ALTER TABLE lines ENABLE ALWAYS TRIGGER t", [], null),
        (
            "ALTER TABLE kept DISABLE TRIGGER ALL",
            ["Changes the foreign key of_order is no longer checked for public.kept"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE TRIGGER other BEFORE INSERT ON asked FOR EACH ROW EXECUTE FUNCTION stamp()",
            ["Changes the trigger other of public.asked begins to fire: stamp() runs"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE TRIGGER other AFTER INSERT ON asked FOR EACH ROW EXECUTE FUNCTION refuse()",
            ["Changes the trigger other of public.asked begins to fire: refuse() runs"],
            "`sql` with `waits_for`"
        ),
        ("CREATE TRIGGER other AFTER INSERT ON asked FOR EACH ROW EXECUTE FUNCTION stamp()", [], null),
        (
            "CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON lines FOR EACH ROW EXECUTE FUNCTION stamp()",
            ["Changes the trigger t of public.lines is replaced"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE walled DISABLE RULE told",
            ["Changes the rule told of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE RULE also AS ON INSERT TO lines DO ALSO INSERT INTO log VALUES (1)",
            ["Changes the rule also of public.lines begins to apply"],
            "`sql` with `waits_for`"
        ),
        (
            "DROP RULE told ON walled",
            ["Changes the rule told of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE walled DISABLE ROW LEVEL SECURITY",
            ["Changes row security of public.walled no longer applies"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER TABLE kept REPLICA IDENTITY NOTHING",
            ["Narrows updates and deletes of public.kept fail: it is published"],
            null
        ),
        (
            "ALTER TABLE kept DROP CONSTRAINT kept_pkey",
            [
                "Narrows updates and deletes of public.kept fail: it is published",
                "TakesName the unique index kept_pkey of public.kept is dropped",
            ],
            "`drop_constraint`"
        ),
        ("ALTER TABLE lines REPLICA IDENTITY NOTHING", [], null),
        (
            "ALTER PUBLICATION sent ADD TABLE log",
            ["Narrows updates and deletes of public.log fail: it is published"],
            null
        ),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total FROM orders WHERE amount > 5",
            ["Changes the query of the view public.seen is replaced"],
            "`sql` with `waits_for`"
        ),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount + 1 AS total FROM orders",
            ["Changes the query of the view public.seen is replaced"],
            "`sql` with `waits_for`"
        ),
        ("CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total, note FROM orders", [], null),
        (
            "CREATE OR REPLACE VIEW seen AS SELECT id, amount AS total FROM orders WITH CHECK OPTION",
            ["Narrows the view public.seen gets WITH CHECK OPTION"],
            null
        ),
        ("ALTER SEQUENCE used RESTART 5", ["Narrows the sequence public.used goes back to 5"], null),
        ("ALTER SEQUENCE used RESTART 501", [], null),
        ("ALTER SEQUENCE used INCREMENT BY 5", [], null),
        (
            "ALTER SEQUENCE used INCREMENT BY -1 MINVALUE 1 MAXVALUE 9223372036854775807",
            ["Narrows the sequence public.used counts in the other direction"],
            null
        ),
        ("ALTER SEQUENCE used MAXVALUE 600", ["Narrows the sequence public.used ends at 600"], null),
        ("ALTER SEQUENCE used AS int", ["Narrows the sequence public.used ends at 2147483647"], null),
        ("ALTER SEQUENCE used CYCLE", ["Changes the sequence public.used begins to cycle"], "`sql` with `waits_for`"),
        ("ALTER SEQUENCE round NO CYCLE", ["Narrows the sequence public.round no longer cycles"], null),
        ("ALTER SEQUENCE numbers RESTART 5", [], null),
        ("ALTER TABLE numbered ALTER id RESTART", ["Narrows the identity public.numbered.id goes back to 1"], null),
        ("ALTER TABLE numbered ALTER id RESTART WITH 5000", [], null),
        (
            "ALTER TABLE numbered ALTER id SET MAXVALUE 100",
            ["Narrows the identity public.numbered.id ends at 100"],
            null
        ),
        (
            "ALTER PUBLICATION wide DROP TABLE log",
            ["Changes the publication wide no longer publishes public.log"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET TABLE kept",
            ["Changes the publication wide no longer publishes public.log"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET (publish = 'truncate')",
            ["Changes the publication wide no longer publishes inserts"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER PUBLICATION wide SET (publish = 'insert, update, truncate')",
            ["Narrows updates and deletes of public.log fail"],
            null
        ),
        ("DROP PUBLICATION wide", ["TakesName it drops the publication wide"], "`sql` with `waits_for`"),
        ("ALTER SUBSCRIPTION taken ENABLE", [], null),
        (
            "ALTER SUBSCRIPTION going DISABLE",
            ["Changes the subscription going no longer runs"],
            "`sql` with `waits_for`"
        ),
        (
            "REVOKE NAME_reader FROM NAME_app",
            ["TakesName it takes the membership in NAME_reader from NAME_app"],
            "`sql` with `waits_for`"
        ),
        ("ALTER ROLE NAME_app NOLOGIN", ["Narrows the role NAME_app changes: logins are refused"], null),
        ("ALTER ROLE NAME_app CONNECTION LIMIT 5", ["Narrows the role NAME_app may open fewer connections"], null),
        ("ALTER ROLE NAME_app CONNECTION LIMIT 50", [], null),
        ("ALTER ROLE NAME_app VALID UNTIL '2030-01-01'", ["Narrows the password of NAME_app expires earlier"], null),
        (
            "ALTER ROLE NAME_app SET search_path = app",
            ["Changes new sessions of NAME_app get another search_path"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER ROLE NAME_app RESET ALL",
            ["Changes new sessions of NAME_app get another work_mem"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER DATABASE DATABASE SET work_mem = '1MB'",
            ["Changes new sessions of the database get another work_mem"],
            "`sql` with `waits_for`"
        ),
        (
            "ALTER ROLE NAME_app PASSWORD 'sesame'",
            ["Narrows the password of NAME_app is replaced: logins with the old one are rejected"],
            null
        ),
        ("DROP SUBSCRIPTION taken", ["TakesName it drops a subscription"], null),
        ("SELECT setval('used', 5)", ["Narrows setval sets a sequence"], null),
        (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
            ["Changes pg_terminate_backend ends sessions"],
            "`sql` with `waits_for`"
        ),
        ("LOCK TABLE lines IN SHARE MODE", ["Changes code that writes \"public\".\"lines\" waits"], null),
        ("LOCK TABLE lines IN ROW SHARE MODE", [], null),
        ("DROP EXTENSION plpgsql", ["the server rejects it"], null),
        (
            "ALTER SCHEMA app RENAME TO other",
            ["TakesName it renames the schema app to other"],
            "`sql` with `waits_for`"
        ),
        (
            "REVOKE INSERT ON lines FROM NAME_reader",
            ["TakesName it takes INSERT on the table public.lines from NAME_reader"],
            "`sql` with `waits_for`"
        ),
    ];
}
