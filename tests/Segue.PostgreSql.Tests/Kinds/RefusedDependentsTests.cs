using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Testing;
using static Segue.PostgreSql.Tests.Kinds.GoodsTable;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot come again as it was stands in the way by its name.</summary>
public class RefusedDependentsTests
{
    public static TheoryData<string, string> RefusedDependents { get; } =
        new()
        {
            {
                Cheap + "CREATE MATERIALIZED VIEW kept AS SELECT * FROM cheap",
                "the type of code is used by materialized view public.kept, which cannot be dropped "
                    + "and recreated while apps work. Drop it first, and create it again afterwards."
            },
            {
                "CREATE MATERIALIZED VIEW kept AS SELECT code FROM goods",
                "the type of code is used by materialized view public.kept,"
            },
            {
                "CREATE FUNCTION asks() RETURNS text LANGUAGE sql RETURN (SELECT max(code) FROM goods)",
                "the type of code is used by function public.asks(),"
            },
            {
                Cheap + "CREATE FUNCTION asks() RETURNS SETOF cheap LANGUAGE sql AS 'SELECT * FROM cheap'",
                "the type of code is used by function public.asks(),"
            },
            {
                "CREATE RULE logs AS ON UPDATE TO goods WHERE new.code = 'x' DO ALSO SELECT 1",
                "the type of code is used by rule logs on table public.goods,"
            },
            {
                "CREATE TABLE others (id int); ALTER TABLE others ENABLE ROW LEVEL SECURITY; CREATE POLICY "
                    + "looks ON others USING (EXISTS (SELECT FROM goods WHERE goods.code = 'x' AND goods.id = "
                    + "others.id))",
                "the type of code is used by policy looks on table public.others,"
            },
            {
                Cheap
                    + "GRANT SELECT ON cheap TO pg_monitor WITH GRANT OPTION; SET ROLE pg_monitor; GRANT "
                    + "SELECT ON cheap TO PUBLIC; RESET ROLE",
                "the type of code is used by view public.cheap, on which pg_monitor, who does not own "
                    + "it, has granted rights,"
            },
            {
                Cheap + "CREATE SEQUENCE counter OWNED BY cheap.id",
                "the type of code is used by sequence public.counter,"
            },
            {
                "CREATE FUNCTION pick(varchar) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE "
                    + "FUNCTION pick(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE VIEW "
                    + "numbers AS SELECT pick(code) + 1 AS n FROM goods",
                "type: operator does not exist: text + integer"
            },
        };

    [Theory, PostgresVersions(14, 18)]
    public async Task Another_function_of_the_name_is_reported_and_refused_for_a_CHECK(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods
                + "CREATE FUNCTION lab(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'v'$$; "
                + "CREATE FUNCTION lab(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 't'$$; CREATE "
                + "VIEW labelled AS SELECT lab(code) FROM goods"
        );

        (await db.PlannedAsync(Widen)).Hazards.ShouldContain(hazard =>
            hazard.Code == "calls-others"
            && hazard.Message.Contains(
                "view public.labelled calls public.lab(pg_catalog.text) instead of public.lab(character varying)",
                StringComparison.Ordinal
            )
        );
        (
            await db.PlannedAsync("operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }")
        ).Hazards.ShouldNotContain(hazard => hazard.Code == "calls-others");
        await db.ExecuteAsync("ALTER TABLE goods ADD CONSTRAINT old CHECK (lab(code) = 'v')");

        Outcomes
            .Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain(
                "with the new type a CHECK would mean something else: constraint old on table public.goods "
                    + "calls public.lab(pg_catalog.text) instead of"
            );
        await db.MigrateAsync(
            "operations:\n  - alter_column: { table: goods, name: code, type: varchar(30) }",
            "0002_test"
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_that_cannot_be_copied_is_refused_in_words(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Goods + "ALTER TABLE goods ADD CONSTRAINT whole CHECK (goods IS NOT NULL)");

        Outcomes
            .Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldStartWith(
                "alter_column goods.code: public.goods cannot be copied, and Segue plans on an empty copy of "
                    + "it: cannot convert whole-row table reference."
            );

        await db.ExecuteAsync(
            "ALTER TABLE goods DROP CONSTRAINT whole, ADD longer int GENERATED ALWAYS AS (length(code)) STORED"
        );
        Outcomes
            .Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Invalid>())
            .ShouldEndWith("Drop that first, and create it again afterwards.");
    }

    /// <summary>Rows that the CHECK allowed would break it once nothing leads back.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task A_CHECK_with_another_meaning_under_the_new_type_does_not_skip_the_row_scan(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Goods + "CREATE DOMAIN ordered AS varchar(20) COLLATE \"C\"; ALTER TABLE goods ADD CHECK (code < 'z')"
        );

        Outcomes
            .Words(
                (
                    await db.ApplyAsync("operations:\n  - alter_column: { table: goods, name: code, type: ordered }")
                ).ShouldBeOfType<RunOutcome.Refused>()
            )
            .ShouldContain("the server would read the whole table while nobody can use the table");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Dependents_of_a_partitions_own_column_block_the_change(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE goods (id int, code varchar(20)) PARTITION BY RANGE (id); CREATE TABLE goods_1 "
                + "PARTITION OF goods DEFAULT; CREATE VIEW one AS SELECT code FROM goods_1; CREATE VIEW "
                + "all_of_them AS SELECT code FROM goods"
        );

        Outcomes
            .Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain("the type of code is used by view public.one, which cannot be dropped and recreated");
    }

    [Fact]
    public async Task A_statement_that_reads_the_new_column_is_refused_in_the_same_change()
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(16);
        await db.ExecuteAsync(Goods);

        Outcomes
            .Words(
                (
                    await db.ApplyAsync(
                        $"{Widen}\n  - sql: {{ up: CREATE VIEW cheap AS SELECT code FROM goods, down: DROP "
                            + $"VIEW cheap }}"
                    )
                ).ShouldBeOfType<RunOutcome.Invalid>()
            )
            .ShouldContain("of the same change reads code");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_trigger_disabled_on_a_partition_stays_disabled(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE goods (id int, code varchar(20)) PARTITION BY RANGE (id);
            CREATE TABLE goods_1 PARTITION OF goods DEFAULT;
            CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER told BEFORE UPDATE OF code ON goods FOR EACH ROW EXECUTE FUNCTION noted();
            ALTER TABLE goods_1 DISABLE TRIGGER told;
            """
        );

        Outcomes
            .Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldContain(
                "the type of code is used by trigger told on table public.goods, which fires "
                    + "otherwise, or has a comment, on one of the partitions,"
            );
    }

    [Theory, MemberData(nameof(RefusedDependents))]
    public async Task A_dependent_that_cannot_be_recreated_is_refused_by_name(string setup, string words)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(17);
        await db.ExecuteAsync(Goods + setup);

        Outcomes.Words((await db.ApplyAsync(Widen)).ShouldBeOfType<RunOutcome.Refused>()).ShouldContain(words);
    }
}
