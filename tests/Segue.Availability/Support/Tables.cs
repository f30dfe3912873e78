using Segue.Execution;
using Segue.Planning;
using Segue.Testing;

namespace Segue.Availability.Support;

/// <summary>Tables and changes that several tests use.</summary>
internal static class Tables
{
    /// <summary>Rows of about 150 bytes.</summary>
    public static async Task CreateOrdersAsync(this TestDatabase db, int rows)
    {
        await db.ExecuteAsync(
            $"""
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text NOT NULL,
                amount numeric(12, 2) NOT NULL, note text);
            INSERT INTO orders (region, amount, note) SELECT (ARRAY['eu', 'us', 'uk'])[1 + n % 3], n, repeat('x', 90)
                FROM generate_series(1, {rows}) n;
            CREATE INDEX orders_amount_idx ON orders (amount);
            CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                order_id bigint NOT NULL REFERENCES orders);
            """
        );
        await db.ExecuteAsync("VACUUM ANALYZE orders");
    }

    public const string Note = "operations:\n  - add_column: { table: orders, name: memo, type: text }";

    public const string Currency = """
        operations:
          - add_column:
              table: orders
              name: currency
              type: char(3)
              nullable: false
              backfill: "CASE region WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' ELSE 'USD' END"
        """;

    /// <summary>Goes as far as the column and its triggers.</summary>
    public static async Task ExpandAsync(this TestDatabase db, string yaml) =>
        (await db.ApplyAsync(yaml, StageName.Expand)).ShouldBeOfType<RunOutcome.StoppedAfter>();

    /// <summary>Rows whose currency is not what a plain UPDATE would have given.</summary>
    public static Task<long> WrongCurrenciesAsync(this TestDatabase db) =>
        db.ScalarAsync<long>(
            "SELECT count(*) FROM orders WHERE currency IS DISTINCT FROM (CASE WHEN region = 'eu' THEN "
                + "'EUR' WHEN region = 'uk' THEN 'GBP' ELSE 'USD' END)::char(3)"
        );

    public static Task<long> UnfilledAsync(this TestDatabase db) =>
        db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency IS NULL");

    public static Task<bool> HasColumnAsync(this TestDatabase db, string column) =>
        db.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = '{column}')"
        );
}
