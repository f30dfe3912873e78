using Npgsql;

namespace Segue.Lab.Traffic;

/// <summary>
/// A shop's orders, filled the same way each time, and the two versions of its application: the old one, and the new
/// one that uses <c>orders.currency char(3)</c>. Every value that they write to a relevant column is logged in the same
/// transaction, so that lost writes are found exactly.
/// </summary>
public sealed record OrdersWorkload
{
    /// <summary>The name of <see cref="OldApp"/>.</summary>
    public const string OldAppName = "shop-v1";

    /// <summary>The name of <see cref="NewApp"/>.</summary>
    public const string NewAppName = "shop-v2";

    /// <summary>The database, as a role that may create tables in it.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The number of orders at the start. Default: 200,000. About 130 bytes each.</summary>
    public int Orders { get; init; } = 200_000;

    /// <summary>The number of customers: one for 20 orders, at least 100.</summary>
    public int Customers => Math.Max(100, Orders / 20);

    /// <summary>
    /// Whether requests that update several orders do so in the order of their ids. Default: true. Otherwise they
    /// sometimes deadlock with each other, without any other cause.
    /// </summary>
    public bool SortedUpdates { get; init; } = true;

    /// <summary>Whether the applications log their writes, for <see cref="LostWritesAsync"/>. Default: true.</summary>
    public bool LogWrites { get; init; } = true;

    /// <summary>Creates and fills the tables.</summary>
    public Task CreateAsync(CancellationToken cancellationToken = default) =>
        OrdersSchema.CreateAsync(this, cancellationToken);

    /// <summary>The application before the change.</summary>
    /// <param name="rate">Requests per second, of all kinds together.</param>
    /// <param name="connectionString">How it connects. Default: as this workload does.</param>
    public TrafficApp OldApp(double rate, string? connectionString = null) =>
        new(OldAppName, connectionString ?? ConnectionString, new OldOrdersApp(this).Clients(rate));

    /// <summary>The application after the change: it writes and reads <c>currency</c>, and fails without it.</summary>
    /// <param name="rate">Requests per second, of all kinds together.</param>
    /// <param name="connectionString">How it connects. Default: as this workload does.</param>
    public TrafficApp NewApp(double rate, string? connectionString = null) =>
        new(NewAppName, connectionString ?? ConnectionString, new NewOrdersApp(this).Clients(rate));

    /// <summary>The application after <c>orders.status</c> has got the name <c>state</c>.</summary>
    /// <param name="rate">Requests per second, of all kinds together.</param>
    public TrafficApp RenamedApp(double rate) =>
        new(NewAppName, ConnectionString, new OldOrdersApp(this, status: "state").Clients(rate));

    /// <summary>The application that does not know <c>orders.note</c>.</summary>
    /// <param name="rate">Requests per second, of all kinds together.</param>
    public TrafficApp AppWithoutNote(double rate) =>
        new(NewAppName, ConnectionString, new OldOrdersApp(this, note: null).Clients(rate));

    /// <summary>
    /// Compares the last committed write of an application to each order with the order's value. Use it after the
    /// traffic has stopped.
    /// </summary>
    /// <param name="field">A logged column: <c>currency</c> (new application) or <c>status</c> (both).</param>
    /// <param name="column">The column that has it by now. Default: the field.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <returns>The orders without the value written last; empty if nothing was lost.</returns>
    public async Task<IReadOnlyList<LostWrite>> LostWritesAsync(
        string field,
        string? column = null,
        CancellationToken cancellationToken = default
    )
    {
        // The log's numbers are assigned while the order's row is locked, so per order they are in the order of the
        // writes.
        const string Sql = """
            SELECT written.order_id, written.value, to_jsonb(orders) ->> $2
            FROM (SELECT DISTINCT ON (order_id) order_id, value FROM app_write_log WHERE field = $1 ORDER BY order_id,
                seq DESC) written
            LEFT JOIN orders ON orders.id = written.order_id
            WHERE (to_jsonb(orders) ->> $2) IS DISTINCT FROM written.value
            ORDER BY written.order_id
            """;
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Sql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = field });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = column ?? field });
        var lost = new List<LostWrite>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            lost.Add(
                new LostWrite(reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2))
            );
        return lost;
    }

    /// <summary>
    /// An order that existed from the start; every second time one of the newest, which applications touch most.
    /// </summary>
    internal long PickOrder(Random random)
    {
        int newest = Math.Max(1, Orders / 20);
        return random.Next(2) == 0 ? Orders - random.Next(newest) : 1 + random.Next(Orders);
    }

    internal int PickCustomer(Random random) => 1 + random.Next(Customers);
}
