using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>Rows at the limit of their page: nothing but a rewrite takes back what another column costs them.</summary>
public class RowRoomTests
{
    private const string Uuid = "operations:\n  - add_column: { table: wide, name: ext_id, type: uuid }";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_column_that_does_not_fit_into_full_rows_is_refused(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Wide(1015));

        Outcomes
            .Words(await db.ApplyAsync(Uuid))
            .ShouldContain(
                "a row of \"public\".\"wide\" with a value in every column takes at least 8,152 of the "
                    + "8,160 bytes that a page has for a row, and would take 8,296. Such a row could not be "
                    + "inserted or updated any more. Put the column into a separate table"
            );
        (await db.ScalarAsync<int>("SELECT relnatts::int FROM pg_class WHERE oid = 'wide'::regclass")).ShouldBe(1016);
    }

    [Theory, PostgresVersions(15)]
    public async Task Rows_without_room_are_named_and_narrower_rows_are_not(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Wide(1200) + Row(1, 980) + "SELECT 1;");
        await db.PlannedAsync(Uuid);

        await db.ExecuteAsync(Row(2, 996));

        Outcomes
            .Words(await db.ApplyAsync(Uuid))
            .ShouldContain(
                "rows of \"public\".\"wide\" have no room for the column, e.g. id=2: with it they would take 8,168 "
                    + "of the 8,160 bytes"
            );
    }

    [Theory, PostgresVersions(15)]
    public async Task Dropped_columns_of_a_partition_count_towards_the_limit(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE parts (id int) PARTITION BY LIST (id);
            DO $$ BEGIN
              EXECUTE 'CREATE TABLE part (id int, '
                  || (SELECT string_agg('c' || n || ' bool', ', ') FROM generate_series(1, 1599) n) || ')';
              EXECUTE 'ALTER TABLE part ' || (SELECT string_agg('DROP c' || n, ', ') FROM generate_series(1, 1599) n);
            END $$;
            ALTER TABLE parts ATTACH PARTITION part FOR VALUES IN (1);
            """
        );

        Outcomes
            .Words(await db.ApplyAsync("operations:\n  - add_column: { table: parts, name: x, type: int }"))
            .ShouldContain("\"public\".\"part\" has 1,600 columns, of 1,600 at most");
    }

    private static string Wide(int columns) =>
        "DO $$ BEGIN EXECUTE 'CREATE TABLE wide (id bigint PRIMARY KEY, ' || (SELECT string_agg('c' || n "
        + $"|| ' bigint', ', ') FROM generate_series(1, {columns}) n) || ')'; END $$; ";

    private static string Row(int id, int values) =>
        $"DO $$ BEGIN EXECUTE 'INSERT INTO wide SELECT {id}, ' || (SELECT string_agg('1', ', ') FROM "
        + $"generate_series(1, {values}) n); END $$; ";
}
