using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What an index cannot hold, or cannot compute, is found before it is built.</summary>
[Trait("kind", "create_index")]
public class IndexRowTests
{
    /// <summary>Row 7 cannot be compressed below the limit; row 8 can, though it is far longer.</summary>
    private const string Entries = """
        CREATE TABLE entries (id int PRIMARY KEY, url text NOT NULL, short varchar(100));
        INSERT INTO entries SELECT g, CASE g WHEN 7 THEN (SELECT string_agg(md5(n::text), '')
            FROM generate_series(1, 200) n) WHEN 8 THEN repeat('x', 90000) ELSE 'http://x/' || g END, g
            FROM generate_series(1, 300) g;
        """;

    private const string TooLong =
        "1 of 300 rows of \"public\".\"entries\" violate this, e.g. id=7. A row of a B-tree index holds "
        + "2,704 bytes, after compression. Shorten these values, then apply again";

    private static readonly string[] Builds =
    [
        "add_column: { table: entries, name: url_key, type: text, derive: lower(url), index: true }",
        "add_unique: { table: entries, columns: [url] }",
        "create_index: { table: entries, columns: [id, url] }",
        "create_index: { table: entries, columns: [id], include: [url] }",
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task Values_too_long_for_an_index_are_named_before_the_build(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Entries);
        Outcomes
            .Words(await db.ApplyAsync(Of("create_index: { table: entries, columns: [id, url], where: id > 5 }")))
            .ShouldContain("the row id=7 of entries is too long for it: index row size");
        foreach ((int n, string operation) in Builds.Index())
        {
            string change = $"000{n + 1}_test";
            (await db.PlannedAsync(Of(operation), change)).Hazards.ShouldContain(
                hazard => hazard.Code == "index-row-size",
                operation
            );
            Outcomes
                .Words(await db.ApplyAsync(Of(operation), change: change))
                .ShouldContain(TooLong, customMessage: operation);
            (await db.RollbackAsync(change)).ShouldBeRolledBack();
        }

        await db.ExecuteAsync(
            "DELETE FROM entries WHERE id = 7; INSERT INTO entries SELECT 301, string_agg(md5(n::text), "
                + "'') FROM generate_series(1, 200) n"
        );
        // The plan or, where the row is none of those that the expression is tried on, the build tells.
        Outcomes
            .Words(
                await db.ApplyAsync(
                    Of("create_index: { table: entries, columns: [{ expression: upper(url) }] }"),
                    change: "0008_test"
                )
            )
            .ShouldContain("the row id=301");
        if (await db.FindAsync("0008_test") is not null)
        {
            (await db.RollbackAsync("0008_test")).ShouldBeRolledBack();
        }

        await db.ExecuteAsync("DELETE FROM entries WHERE id = 301");
        await db.MigrateAsync(Of(Builds[2]), "0009_test");
        Plan plan = await db.PlannedAsync(Of("create_index: { table: entries, columns: [short, id] }"), "0010_test");
        plan.Hazards.ShouldNotContain(hazard => hazard.Code == "index-row-size");
        plan.Stages.ShouldNotContain(stage => stage.Name == StageName.Verify);
    }

    /// <summary>
    /// Row 7000 of 9000 has values that neither a row of an index nor a key of one can hold; it is none of the first,
    /// nor of a small sample.
    /// </summary>
    private const string Wide = """
        CREATE EXTENSION btree_gist; CREATE EXTENSION btree_gin;
        CREATE FUNCTION noise(n int) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(md5(g::text), '')
            FROM generate_series(1, n) g $$;
        CREATE TABLE pages (id int PRIMARY KEY, body text NOT NULL, tags text[] NOT NULL);
        INSERT INTO pages SELECT g, CASE g WHEN 7000 THEN noise(700) ELSE 'b' || g END, CASE g
            WHEN 7000 THEN ARRAY[noise(200)] ELSE ARRAY['t'] END FROM generate_series(1, 9000) g;
        CREATE TABLE site (id int NOT NULL, body text NOT NULL, tags text[] NOT NULL) PARTITION BY RANGE (id);
        CREATE INDEX site_tags ON site USING gin (tags);
        """;

    private static readonly string[] WideBuilds =
    [
        "create_index: { table: pages, method: gin, columns: [tags] }",
        "create_index: { table: pages, method: gist, columns: [body] }",
        "create_index: { table: pages, method: brin, columns: [body] }",
        "create_index: { table: pages, method: spgist, columns: [{ expression: \"point(id, id)\" }], include: [body] }",
        "create_index: { table: pages, columns: [{ expression: upper(body) }] }",
        "add_exclusion: { table: pages, elements: [{ column: body, operator: \"=\" }] }",
        "attach_partition: { table: site, partition: pages, values: FROM (1) TO (10000) }",
    ];

    private static readonly string[] BoundedBuilds =
    [
        "create_index: { table: bounded, method: gin, columns: [codes] }",
        "create_index: { table: bounded, method: gin, columns: [doc] }",
        "create_index: { table: bounded, method: gin, columns: [words] }",
        "create_index: { table: bounded, method: gist, columns: [code, words] }",
        "create_index: { table: bounded, method: brin, columns: [code, n] }",
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task Values_too_long_for_every_access_method_are_named_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        db.Planning = db.Planning with { SmallTableBytes = 64 * 1024 * 1024 };
        await db.ExecuteAsync(Wide);
        foreach (string operation in WideBuilds)
        {
            Outcomes
                .Words((await db.ApplyAsync(Of(operation))).ShouldBeAssignableTo<RunOutcome>()!)
                .ShouldContain("the row id=7000 of pages is too long for it", customMessage: operation);
        }

        await db.ExecuteAsync("DELETE FROM pages WHERE id = 7000");
        foreach ((int n, string operation) in WideBuilds.Index())
        {
            Plan plan = await db.PlannedAsync(Of(operation), $"001{n}_test");
            if (!operation.StartsWith("attach_partition", StringComparison.Ordinal))
            {
                plan.Hazards.ShouldContain(hazard => hazard.Code == "index-row-size", operation);
            }
        }

        await db.ExecuteAsync(
            "CREATE TABLE bounded (id int PRIMARY KEY, code varchar(50), codes varchar(50)[], doc jsonb, "
                + "words tsvector, n int)"
        );
        foreach ((int n, string operation) in BoundedBuilds.Index())
        {
            (await db.PlannedAsync(Of(operation), $"002{n}_test")).Hazards.ShouldNotContain(
                hazard => hazard.Code == "index-row-size",
                operation
            );
        }
    }

    private const string People = """
        CREATE SCHEMA ext;
        CREATE FUNCTION ext.bare(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT translate(t, ''é'', ''e'')';
        SET search_path = public, ext;
        CREATE FUNCTION f_norm(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(bare(t));
            END $$;
        CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, n int NOT NULL,
            doubled int GENERATED ALWAYS AS (n * 2) STORED);
        INSERT INTO people SELECT g, 'Rene' || g, g - 20 FROM generate_series(1, 60) g;
        RESET search_path;
        """;

    private const string Norm =
        "create_index: { table: people, name: people_norm, columns: [{ expression: f_norm(name) }] }";

    [Theory, PostgresVersions(16, 17, 18)]
    public async Task An_index_function_that_needs_the_search_path_is_found_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(People + $"ALTER DATABASE {db.Name} SET search_path = public, ext;");
        db.Reconnect();

        if (major >= 17)
        {
            string words = Outcomes.Words(await db.ApplyAsync(Of(Norm)));
            words.ShouldContain(
                $"f_norm(name) cannot be computed without a search path, and PostgreSQL {major} builds "
                    + "indexes without one (pg_catalog, pg_temp): function bare(text) does not exist."
            );
            words.ShouldContain("`ALTER FUNCTION f_norm(text) SET search_path = \"public\", \"ext\"`");
            await db.ExecuteAsync("ALTER FUNCTION f_norm(text) SET search_path = public, ext");
        }

        await db.MigrateAsync(Of(Norm), "0002_test");
        if (major >= 17)
        {
            await db.ExecuteAsync("ALTER FUNCTION f_norm(text) RESET search_path");
            Outcomes
                .Words(await db.ApplyAsync(Of("reindex: { index: people_norm }"), change: "0003_test"))
                .ShouldContain("cannot be computed without a search path");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task An_index_expression_that_fails_on_a_row_is_found_at_planning(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(People);

        Outcomes
            .Words(await db.ApplyAsync(Of("create_index: { table: people, columns: [{ expression: 100 / n }] }")))
            .ShouldContain("for the row id=20 of people: division by zero.");
        Outcomes
            .Words(await db.ApplyAsync(Of("create_index: { table: people, columns: [id], where: 100 / doubled > 3 }")))
            .ShouldContain("for the row id=20 of people: division by zero.");
        await db.PlannedAsync(
            Of("create_index: { table: people, columns: [{ expression: \"100 / nullif(n, 0)\" }], where: doubled < 7 }")
        );
    }

    private static string Of(string operation) => $"operations:\n  - {operation}";
}
