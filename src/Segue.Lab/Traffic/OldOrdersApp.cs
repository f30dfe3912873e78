using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>The shop's application that does not use the currency.</summary>
/// <param name="status">The column of an order's status, as this version knows it.</param>
/// <param name="note">The column of its note; null if this version has none.</param>
internal sealed class OldOrdersApp(OrdersWorkload workload, string status = "status", string? note = "note")
{
    private const int SeveralOrders = 4;

    private static readonly string[] Statuses = ["paid", "packed", "shipped", "delivered", "returned"];

    public IReadOnlyList<TrafficClient> Clients(double rate) =>
        [
            new("read order", rate * 0.30, ReadAsync),
            new("update order", rate * 0.20, UpdateAsync),
            new("insert order", rate * 0.15, InsertAsync),
            new("list orders", rate * 0.10, ListAsync),
            new("add item", rate * 0.10, AddItemAsync),
            new("lock and update order", rate * 0.10, LockAndUpdateAsync),
            new("update several orders", rate * 0.05, UpdateSeveralAsync),
        ];

    private Task ReadAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        new Statement(
            $"SELECT id, customer_id, region, amount, {status}, created_at{OfNote(", ")} FROM orders WHERE id = $1",
            workload.PickOrder(random)
        ).RunAsync(connection, cancellationToken);

    private Task ListAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        new Statement(
            $"SELECT id, amount, {status}, created_at FROM orders WHERE customer_id = $1 ORDER BY created_at "
                + "DESC LIMIT 20",
            workload.PickCustomer(random)
        ).RunAsync(connection, cancellationToken);

    private Task InsertAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        new Statement(
            $"INSERT INTO orders (customer_id, region, amount, {status}{OfNote(", ")}) VALUES ($1, $2, $3, "
                + $"'new'{(note is null ? "" : ", 'by the old application'")}) RETURNING id",
            workload.PickCustomer(random),
            "eu",
            random.Next(100, 100_000) / 100m
        ).RunAsync(connection, cancellationToken);

    private Task AddItemAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        new Statement(
            "INSERT INTO order_items (order_id, product, quantity) VALUES ($1, $2, $3)",
            workload.PickOrder(random),
            $"Product {random.Next(1000)}",
            1 + random.Next(5)
        ).RunAsync(connection, cancellationToken);

    private Task UpdateAsync(NpgsqlConnection connection, Random random, CancellationToken cancellationToken) =>
        Statement.RunAsync(connection, SetStatus(workload.PickOrder(random), random), cancellationToken);

    private async Task LockAndUpdateAsync(
        NpgsqlConnection connection,
        Random random,
        CancellationToken cancellationToken
    )
    {
        long order = workload.PickOrder(random);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await new Statement($"SELECT amount, {status} FROM orders WHERE id = $1 FOR UPDATE", order).RunAsync(
            connection,
            cancellationToken
        );
        await Statement.RunAsync(connection, SetStatus(order, random), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task UpdateSeveralAsync(
        NpgsqlConnection connection,
        Random random,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<long> orders = Enumerable
            .Range(0, SeveralOrders)
            .Select(_ => workload.PickOrder(random))
            .Distinct()
            .ToList();
        if (workload.SortedUpdates)
            orders = orders.Order();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (long order in orders)
            await Statement.RunAsync(connection, SetStatus(order, random), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private IEnumerable<Statement> SetStatus(long order, Random random)
    {
        string value = Statuses[random.Next(Statuses.Length)];
        yield return new Statement($"UPDATE orders SET {status} = $2 WHERE id = $1", order, value);
        if (workload.LogWrites)
            yield return new Statement(
                "INSERT INTO app_write_log (order_id, field, value) VALUES ($1, 'status', $2)",
                order,
                value
            );
    }

    private string OfNote(string before) => note is null ? "" : before + note;
}
