using Segue.Execution;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>Columns that cannot be dropped safely are refused with the objects that prevent it.</summary>
[Trait("kind", "drop_column")]
public class DropColumnRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE TABLE t (id int PRIMARY KEY, seen int, fired int, policed int, source int, made int GENERATED ALWAYS
                AS (source * 2) STORED, body int, pair int, twin int, part int, keyed int NOT NULL UNIQUE,
                uni text NOT NULL UNIQUE, must int NOT NULL, never int CHECK (never IS NOT NULL), new_of int, few int);
            CREATE VIEW a_view AS SELECT seen FROM t;
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            CREATE TRIGGER fires AFTER UPDATE OF fired ON t FOR EACH ROW EXECUTE FUNCTION touch();
            CREATE FUNCTION writes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.new_of := 1; RETURN NEW; END $$;
            CREATE TRIGGER written BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION writes();
            CREATE POLICY mine ON t USING (policed > 0);
            CREATE FUNCTION of_body() RETURNS bigint LANGUAGE sql RETURN (SELECT sum(body) FROM t);
            CREATE INDEX pairs ON t (pair, id); ALTER TABLE t ADD CONSTRAINT twins CHECK (twin <> part);
            CREATE INDEX partly ON t (id) WHERE few > 5;
            CREATE TABLE refers (k int CONSTRAINT to_keyed REFERENCES t (keyed));
            CREATE TABLE events (id int, at date) PARTITION BY RANGE (at); CREATE TABLE events_1 PARTITION OF events
                DEFAULT; CREATE TABLE heirs (n int); CREATE TABLE heir () INHERITS (heirs);
            CREATE TABLE published (id int PRIMARY KEY, n int); CREATE PUBLICATION changes FOR TABLE published;
            CREATE TABLE told (id int, what date, n int, last int); CREATE TABLE history (LIKE told);
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO history SELECT OLD.*;
                RETURN NEW; END $$;
            CREATE TRIGGER hist BEFORE UPDATE ON told FOR EACH ROW EXECUTE FUNCTION keep();
            CREATE TABLE counted (id serial); CREATE TABLE borrowers (n int DEFAULT nextval('counted_id_seq'));

            """;

    private static (string Operation, Type Outcome, string What) Refused(string keys, string what) =>
        ($"drop_column: {{ {keys} }}", typeof(RunOutcome.Refused), what);

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        (
            "drop_column: { table: orders, name: nite }",
            typeof(RunOutcome.Invalid),
            "drop_column orders.nite: name: public.orders has no column nite. Did you mean note?"
        ),
        (
            "drop_column: { table: orders, name: note }\n  - add_check: { table: orders, check: amount > 0 }",
            typeof(RunOutcome.Invalid),
            "`add_check amount > 0 on orders` is in the same change."
        ),
        (
            "drop_column: { table: orders, name: amount, default: \"'x'\" }",
            typeof(RunOutcome.Invalid),
            "drop_column orders.amount: default: "
        ),
        (
            "drop_column: { table: orders, name: amount, down: amount + 1 }",
            typeof(RunOutcome.Invalid),
            "down: it reads amount itself"
        ),
        Refused("table: orders, name: amount", "allows no NULL and has no default"),
        Refused("table: orders, name: amount, down: 1 / (id - 5)::int", "division by zero"),
        Refused("table: orders, name: id", "public.orders.id is in the primary key"),
        Refused("table: t, name: seen", "has dependent objects: view public.a_view."),
        Refused("table: t, name: fired", "trigger fires on table public.t."),
        Refused("table: t, name: new_of", "trigger written, function writes() uses new_of of the row"),
        Refused("table: t, name: policed", "policy mine on table public.t."),
        Refused("table: t, name: source", "column made of table public.t."),
        Refused("table: t, name: body", "function public.of_body()."),
        Refused("table: t, name: pair", "is in indexes that serve other columns too, which would be dropped with it: "),
        Refused("table: t, name: few", "index public.partly."),
        Refused("table: t, name: twin", "constraint twins on table public.t."),
        Refused("table: t, name: keyed, default: \"0\"", "constraint to_keyed on table public.refers."),
        Refused("table: t, name: uni, default: \"'x'\"", "t_uni_key is unique, and rows of new code would all have"),
        Refused(
            "table: t, name: never",
            "the CHECK t_never_check rejects the value that rows without never get (NULL)."
        ),
        Refused("table: events, name: at", "public.events.at decides to which partition a row belongs"),
        Refused("table: events_1, name: id", "is a partition; its columns belong to its root."),
        Refused("table: heirs, name: n", "takes part in inheritance"),
        Refused("table: published, name: n", "is published with n (changes)."),
        Refused(
            "table: told, name: n",
            "Without n, values would be written to other columns, without an error: n would get"
        ),
        Refused("table: told, name: what", "Without what, the server rejects that: "),
        Refused("table: counted, name: id", "default value for column n of table public.borrowers."),
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task A_column_that_cannot_be_dropped_is_refused_with_its_reason_and_nothing_changes(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);
}
