using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns that cannot be renamed safely, with the reason and the way out.</summary>
[Trait("kind", "rename_column")]
public class RenamedColumnRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE DOMAIN strict AS text CHECK (VALUE <> '');
            ALTER TABLE orders ADD twice int GENERATED ALWAYS AS (amount * 2) STORED, ADD label strict;
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := lower(NEW.note);
                RETURN NEW; END $$;
            CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN NEW; END $$;
            CREATE TABLE touched (id int, note text); CREATE TRIGGER touched BEFORE INSERT ON touched FOR EACH ROW
                EXECUTE FUNCTION touch();
            CREATE TABLE listed (id int, note text); CREATE TRIGGER listed AFTER UPDATE OF note ON listed FOR EACH ROW
                EXECUTE FUNCTION log_it();
            CREATE TABLE asked (id int, note text); CREATE TRIGGER asked BEFORE UPDATE ON asked FOR EACH ROW
                WHEN (NEW.note = 'x') EXECUTE FUNCTION log_it();
            CREATE TABLE counted (id int, note text); CREATE TRIGGER counted AFTER UPDATE OF note ON counted
                EXECUTE FUNCTION log_it();
            CREATE TABLE searched (id int, note text, words tsvector); CREATE TRIGGER searched BEFORE INSERT OR UPDATE
                ON searched FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(words, 'pg_catalog.simple', note);
            CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW = OLD THEN RETURN NULL; END IF;
                NEW := jsonb_populate_record(NEW, jsonb_strip_nulls(to_jsonb(NEW))); RETURN NEW; END $$;
            CREATE TABLE tidied (id int, note text); CREATE TRIGGER tidied BEFORE UPDATE ON tidied FOR EACH ROW
                EXECUTE FUNCTION tidy();
            CREATE TABLE ruled (id int, note text); CREATE RULE copied AS ON INSERT TO ruled DO ALSO
                INSERT INTO tidied VALUES (NEW.id, NEW.note);
            CREATE TABLE parents (id int); CREATE TABLE children () INHERITS (parents);
            CREATE TABLE parts (id int, n int) PARTITION BY RANGE (id);
            CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
            CREATE TYPE pair AS (a int); CREATE TABLE typed OF pair; CREATE VIEW a_view AS SELECT 1 AS id;

            """;

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        (
            "rename_column: { table: nowhere, name: a, to: b }",
            typeof(RunOutcome.Invalid),
            "rename_column nowhere.a: there is no table nowhere in database"
        ),
        (
            "rename_column: { table: orders, name: nota, to: b }",
            typeof(RunOutcome.Invalid),
            "public.orders has no column nota. Did you mean note?"
        ),
        (
            "rename_column: { table: orders, name: note, to: note }",
            typeof(RunOutcome.Invalid),
            "the column is called note already"
        ),
        (
            "rename_column: { table: orders, name: note, to: region }",
            typeof(RunOutcome.Invalid),
            "public.orders already has a column region. Choose another name"
        ),
        (
            "rename_column: { table: orders, name: note, to: ctid }",
            typeof(RunOutcome.Invalid),
            "column name \"ctid\" conflicts with a system column name"
        ),
        (
            "rename_column: { table: orders, name: twice, to: b }",
            typeof(RunOutcome.Refused),
            "twice is a generated column"
        ),
        (
            "rename_column: { table: orders, name: label, to: b }",
            typeof(RunOutcome.Refused),
            "label has the type public.strict, a domain with constraints or a default"
        ),
        (
            "rename_column: { table: touched, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the function touch() of the BEFORE trigger touched of public.touched, or an argument of the trigger, "
                + "names note or b"
        ),
        (
            "rename_column: { table: listed, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the trigger listed of public.listed fires on UPDATE OF note"
        ),
        (
            "rename_column: { table: asked, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the WHEN clause of the BEFORE trigger asked of public.asked reads note"
        ),
        (
            "rename_column: { table: counted, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the trigger counted of public.counted fires on UPDATE OF note"
        ),
        (
            "rename_column: { table: searched, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the BEFORE trigger searched of public.searched, or an argument of the trigger, names note or b"
        ),
        (
            "rename_column: { table: tidied, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "the function tidy() of the BEFORE trigger tidied of public.tidied writes the row as a whole"
        ),
        (
            "rename_column: { table: ruled, name: note, to: b }",
            typeof(RunOutcome.Refused),
            "public.ruled has the rule copied on INSERT"
        ),
        (
            "rename_column: { table: parents, name: id, to: b }",
            typeof(RunOutcome.Refused),
            "public.parents takes part in inheritance"
        ),
        (
            "rename_column: { table: parts, name: id, to: b }",
            typeof(RunOutcome.Refused),
            "id may be in the partition key of public.parts"
        ),
        (
            "rename_column: { table: parts_1, name: n, to: b }",
            typeof(RunOutcome.Refused),
            "public.parts_1 is a partition; its columns belong to its root"
        ),
        (
            "rename_column: { table: typed, name: a, to: b }",
            typeof(RunOutcome.Refused),
            "public.typed is a typed table (OF type)"
        ),
        ("rename_column: { table: a_view, name: id, to: b }", typeof(RunOutcome.Refused), "is a view. Name a table."),
        (
            "rename_column: { table: orders, name: note, to: b }\n  - create_index: { table: orders, columns: [note] }",
            typeof(RunOutcome.Invalid),
            "of the same change reads note or b"
        ),
        (
            "rename_column: { table: orders, name: note, to: b }\n  - add_column: { table: orders, name: b, type: int "
                + "}",
            typeof(RunOutcome.Invalid),
            "of the same change works on this column as well"
        ),
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_rename_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    [Theory, PostgresVersions(18)]
    public async Task A_column_that_an_unfinished_change_follows_is_not_renamed(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync(
                Cases.Adds("table: orders, name: short, type: text, derive: \"left(note, 3)\""),
                change: "0002_test"
            )
        ).ShouldWaitAtGate();

        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - rename_column: { table: orders, name: note, to: b }"))
            .ShouldContain("an unfinished change keeps another column of public.orders in sync with note");
    }

    [Theory, PostgresVersions(18)]
    public async Task Functions_upserts_and_varying_defaults_are_reported(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + """
                CREATE FUNCTION notes() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(note)
                    FROM orders); END $$;
                CREATE FUNCTION after_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE DEBUG '%', NEW.note;
                    RETURN NEW; END $$;
                CREATE TRIGGER after_it AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION after_it();
                """
        );

        Plan notes = await db.PlannedAsync("operations:\n  - rename_column: { table: orders, name: note, to: b }");
        notes.Hazards.Single(hazard => hazard.Code == "name-in-functions").Message.ShouldContain("after_it(), notes()");
        notes.Hazards.ShouldNotContain(hazard => hazard.Code == "upsert-by-column");

        Plan ids = await db.PlannedAsync("operations:\n  - rename_column: { table: orders, name: id, to: b }");
        ids.Hazards.ShouldContain(hazard => hazard.Code == "upsert-by-column");
        ids.Hazards.ShouldContain(hazard => hazard.Code == "varying-default");
    }
}
