using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class FirstRoadTests
{
    [Theory, PostgresVersions]
    public async Task A_not_null_column_with_everything_goes_the_whole_road(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("""
            CREATE TABLE currencies (code char(3) PRIMARY KEY);
            INSERT INTO currencies VALUES ('USD'), ('EUR');
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, note text);
            INSERT INTO orders (region, note) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, repeat('x', 80) FROM generate_series(1, 20000) n;
            ANALYZE orders;
            """);
        await db.MigrateAsync("""
            operations:
              - add_column:
                  table: orders
                  name: currency
                  type: char(3)
                  nullable: false
                  backfill: "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
                  check: "currency ~ '^[A-Z]{3}$'"
                  references: { table: currencies, column: code, on_delete: restrict }
                  index: true
                  comment: ISO 4217 code
            """);
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency = CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END")).ShouldBe(20000);
    }
}
