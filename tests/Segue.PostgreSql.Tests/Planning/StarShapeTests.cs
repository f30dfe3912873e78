using Segue.PostgreSql.Planning.Stars;

namespace Segue.PostgreSql.Tests.Planning;

/// <summary>Which tables a statement's shape depends on.</summary>
public class StarShapeTests
{
    [Theory]
    [InlineData("SELECT * FROM orders WHERE id = $1", "orders")]
    [InlineData("select *\nfrom sales.orders o", "sales.orders")]
    [InlineData("SELECT * FROM \"Order Lines\"", "Order Lines")]
    [InlineData("SELECT * FROM \"sales\".\"orders\" -- all\n", "sales.orders")]
    [InlineData("SELECT o.* FROM orders o JOIN items i ON i.order_id = o.id", "orders")]
    [InlineData("SELECT orders.*, i.amount FROM items i, orders WHERE true", "orders")]
    [InlineData("SELECT id, * FROM orders LEFT JOIN items USING (id)", "items orders")]
    [InlineData("SELECT * FROM (orders JOIN items ON orders.id = items.order_id)", "items orders")]
    [InlineData("SELECT DISTINCT ON (region) * FROM orders", "orders")]
    [InlineData("(SELECT * FROM orders) UNION ALL (SELECT * FROM old_orders)", "old_orders orders")]
    [InlineData("SELECT * FROM (SELECT * FROM orders) AS x", "orders")]
    [InlineData("WITH orders AS (SELECT * FROM items) SELECT * FROM orders", "items")]
    [InlineData(
        "WITH gone AS (DELETE FROM orders WHERE id = $1 RETURNING *) INSERT INTO archive (id, note) SELECT * FROM gone",
        "orders"
    )]
    [InlineData("INSERT INTO orders (note) VALUES ($1) RETURNING *", "orders")]
    [InlineData("INSERT INTO orders (note) SELECT note FROM items RETURNING *", "orders")]
    [InlineData("INSERT INTO orders (note) VALUES ($1) ON CONFLICT (id) DO UPDATE SET note = $2 RETURNING *", "orders")]
    [InlineData("UPDATE ONLY orders SET note = $1, region = $2 WHERE id = $3 RETURNING *", "orders")]
    [InlineData("DELETE FROM orders o USING items i WHERE o.id = i.order_id RETURNING o.*", "orders")]
    [InlineData("INSERT INTO archive SELECT * FROM orders", "archive orders")]
    [InlineData("INSERT INTO archive (id, note) SELECT * FROM orders", "orders")]
    [InlineData("INSERT INTO orders SELECT id, note FROM staging", "orders")]
    [InlineData("INSERT INTO orders OVERRIDING SYSTEM VALUE SELECT id, note FROM staging", "orders")]
    [InlineData("COPY orders FROM STDIN", "orders")]
    [InlineData("COPY public.orders TO STDOUT (FORMAT csv)", "public.orders")]
    [InlineData("COPY (SELECT * FROM orders) TO STDOUT", "orders")]
    [InlineData("DECLARE c CURSOR FOR SELECT * FROM orders", "orders")]
    public void A_star_or_a_column_position_links_a_statement_to_its_tables(string statement, string tables) =>
        Of(statement).ShouldBe(tables);

    [Theory]
    [InlineData("SELECT count(*) FROM orders")]
    [InlineData("SELECT id, price * amount FROM orders")]
    [InlineData("SELECT (price) * amount FROM orders")]
    [InlineData("SELECT id FROM orders WHERE EXISTS (SELECT * FROM items WHERE order_id = orders.id)")]
    [InlineData("SELECT id FROM (SELECT * FROM orders) AS x")]
    [InlineData("SELECT row_to_json(o.*) FROM orders o")]
    [InlineData("SELECT '* FROM orders', id FROM orders /* SELECT * FROM orders */")]
    [InlineData("INSERT INTO orders (note) VALUES ($1)")]
    [InlineData("INSERT INTO orders VALUES ($1, $2)")]
    [InlineData("INSERT INTO orders (note) SELECT note FROM staging")]
    [InlineData("UPDATE orders SET amount = amount * $1")]
    [InlineData("COPY orders (id, note) FROM STDIN")]
    [InlineData("COPY (SELECT id FROM orders) TO STDOUT")]
    [InlineData("CREATE TABLE copy_of AS SELECT * FROM orders")]
    [InlineData("SELECT id FROM orders FOR UPDATE")]
    [InlineData("")]
    public void A_statement_with_a_fixed_shape_is_not_reported(string statement) => Of(statement).ShouldBeEmpty();

    [Theory]
    [InlineData("SELECT * FROM orders_archive", "orders_archive")]
    [InlineData("SELECT * FROM \"Orders\"", "Orders")]
    [InlineData("SELECT * FROM items WHERE region IS DISTINCT FROM orders AND x = $1", "items")]
    [InlineData("SELECT *, (SELECT max(id) FROM orders) FROM items", "items")]
    [InlineData("SELECT * FROM items WHERE id IN (SELECT order_id FROM orders)", "items")]
    [InlineData("SELECT * FROM items WHERE EXISTS (SELECT * FROM orders)", "items")]
    [InlineData("SELECT * FROM items UNION SELECT id FROM orders", "items")]
    [InlineData("SELECT * FROM orders(7), items", "items")]
    public void A_table_beside_a_star_of_another_table_is_not_reported(string statement, string tables) =>
        Of(statement).ShouldBe(tables);

    private static string Of(string statement) =>
        string.Join(
            ' ',
            StarShape
                .Relations(statement)
                .Select(named => named.Schema is null ? named.Name : $"{named.Schema}.{named.Name}")
                .Order(StringComparer.Ordinal)
        );
}
