using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>The shop's application that uses each order's currency.</summary>
internal sealed class NewOrdersApp(OrdersWorkload workload)
{
    // Not USD, which a change would most likely fill in: an overwritten value must be visible.
    private static readonly string[] Currencies = ["EUR", "GBP", "CHF", "JPY", "SEK"];

    public IReadOnlyList<TrafficClient> Clients(double rate) =>
        [
            new("read by currency", rate * 0.40, ReadAsync),
            new("update currency", rate * 0.35, UpdateAsync),
            new("insert with currency", rate * 0.25, InsertAsync),
        ];

    private Task ReadAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        new Statement(
            "SELECT id, amount, currency, status FROM orders WHERE customer_id = $1 AND currency = $2 "
                + "ORDER BY created_at DESC LIMIT 20",
            workload.PickCustomer(random),
            PickCurrency(random)
        ).RunAsync(connection, cancellationToken);

    private Task UpdateAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken)
    {
        long order = workload.PickOrder(random);
        string currency = PickCurrency(random);
        List<Statement> statements = [new("UPDATE orders SET currency = $2 WHERE id = $1", order, currency)];
        if (workload.LogWrites)
            statements.Add(
                new("INSERT INTO app_write_log (order_id, field, value) VALUES ($1, 'currency', $2)", order, currency)
            );
        return Statement.RunAsync(connection, statements, cancellationToken);
    }

    private Task InsertAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken)
    {
        string currency = PickCurrency(random);
        List<Statement> statements =
        [
            new(
                "INSERT INTO orders (customer_id, region, amount, status, note, currency) VALUES ($1, $2, "
                    + "$3, 'new', $4, $5) RETURNING id",
                workload.PickCustomer(random),
                "eu",
                random.Next(100, 100_000) / 100m,
                "by the new application",
                currency
            ),
        ];
        if (workload.LogWrites)
        {
            const string Log = """
                INSERT INTO app_write_log (order_id, field, value)
                VALUES (currval(pg_get_serial_sequence('orders', 'id')), 'currency', $1)
                """;
            statements.Add(new(Log, currency));
        }

        return Statement.RunAsync(connection, statements, cancellationToken);
    }

    private static string PickCurrency(Random random) => Currencies[random.Next(Currencies.Length)];
}
