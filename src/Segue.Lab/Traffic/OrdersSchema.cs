using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>The tables of the shop and their rows at the start.</summary>
internal static class OrdersSchema
{
    private const string Tables = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY, name text NOT NULL);
        INSERT INTO currencies VALUES
            ('USD', 'US dollar'), ('EUR', 'Euro'), ('GBP', 'Pound sterling'),
            ('CHF', 'Swiss franc'), ('JPY', 'Yen'), ('SEK', 'Swedish krona');

        CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);

        CREATE TABLE orders (
            id          bigint GENERATED ALWAYS AS IDENTITY,
            customer_id int NOT NULL,
            region      text NOT NULL,
            amount      numeric(12, 2) NOT NULL,
            status      text NOT NULL,
            created_at  timestamptz NOT NULL DEFAULT now(),
            note        text);

        CREATE TABLE order_items (
            id       bigint GENERATED ALWAYS AS IDENTITY,
            order_id bigint NOT NULL,
            product  text NOT NULL,
            quantity int NOT NULL);

        CREATE TABLE app_write_log (
            seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            order_id bigint NOT NULL,
            field    text NOT NULL,
            value    text NOT NULL,
            at       timestamptz NOT NULL DEFAULT clock_timestamp());

        CREATE FUNCTION region_currency(region text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
            RETURN CASE region WHEN 'us' THEN 'USD' WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' WHEN 'ch' THEN 'CHF' END;
        """;

    // Multiplying by a prime scatters the values without randomness: each fill is the same.
    private static string Rows(int orders, int customers) =>
        $"""
            INSERT INTO customers (name) SELECT 'Customer ' || n FROM generate_series(1, {customers}) n;

            INSERT INTO orders (customer_id, region, amount, status, created_at, note)
            SELECT 1 + n * 7919 % {customers},
                   (ARRAY['us', 'eu', 'uk', 'ch', 'jp'])[1 + n * 31 % 5],
                   (n * 7919 % 100000) / 100.0,
                   (ARRAY['new', 'paid', 'shipped', 'delivered'])[1 + n * 17 % 4],
                   timestamptz '2025-01-01 00:00:00Z' + n * interval '1 second',
                   'Order ' || n || ', placed in the shop'
            FROM generate_series(1, {orders}::bigint) n;

            INSERT INTO order_items (order_id, product, quantity)
            SELECT n * 2, 'Product ' || n * 7919 % 1000, 1 + n % 5 FROM generate_series(1, {orders}::bigint / 2) n;
            """;

    private const string Keys = """
        ALTER TABLE orders ADD PRIMARY KEY (id);
        CREATE INDEX orders_customer_id_created_at_idx ON orders (customer_id, created_at);
        CREATE INDEX orders_status_idx ON orders (status);
        ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
        ALTER TABLE order_items ADD PRIMARY KEY (id);
        CREATE INDEX order_items_order_id_idx ON order_items (order_id);
        ALTER TABLE order_items ADD FOREIGN KEY (order_id) REFERENCES orders;
        """;

    public static async Task CreateAsync(OrdersWorkload workload, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(workload.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        string rows = Rows(workload.Orders, workload.Customers);

        // Without hint bits and statistics the first reads after a fill would do the work of a vacuum.
        const string Vacuum = "VACUUM (ANALYZE) customers, orders, order_items";
        foreach (string sql in (string[])["SET synchronous_commit = off", Tables, rows, Keys, Vacuum])
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
