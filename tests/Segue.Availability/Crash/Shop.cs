using Npgsql;
using Segue.Lab.Servers;
using Segue.Lab.Traffic;
using Segue.Testing;

namespace Segue.Availability.Crash;

/// <summary>A shop with live traffic, a change to take live in it, and the command line to do it with.</summary>
internal sealed class Shop : IAsyncDisposable
{
    public const string Change = "0001_orders_currency";
    public const int Orders = 30_000;

    private const string Expected = "coalesce(region_currency(region), 'USD')";
    private static int _database;

    private readonly SegueProject _project;
    private readonly OrdersWorkload _workload;

    private Shop(PostgresServer server, string connectionString, PostgresServer? second)
    {
        Database = new TestDatabase(
            server,
            new NpgsqlConnectionStringBuilder(connectionString).Database!,
            connectionString
        );
        _workload = new OrdersWorkload { ConnectionString = connectionString, Orders = Orders };
        _project = new SegueProject(
            second is null
                ? server.Url(Database.Name)
                : $"postgres://postgres@127.0.0.1:{server.Port},127.0.0.1:{second.Port}/{Database.Name}"
        );
    }

    public TestDatabase Database { get; }

    /// <summary>What the catalog says of the shop's objects now.</summary>
    public Task<IReadOnlyList<string>> CatalogAsync() => Catalog.OfAsync(Database);

    /// <param name="server">A server of one's own; null for the shared one.</param>
    /// <param name="settings">The project's <c>segue.yaml</c>.</param>
    /// <param name="second">A standby of it that the command line knows as well; null: none.</param>
    public static async Task<Shop> OpenAsync(
        PostgresServer? server = null,
        string settings = "",
        PostgresServer? second = null
    )
    {
        server ??= await Postgres.ServerAsync(Postgres.Majors[^1]);
        string connectionString = await server.CreateDatabaseAsync($"shop_{Interlocked.Increment(ref _database)}");
        Shop shop = new(server, connectionString, second);
        await shop._workload.CreateAsync();
        shop._project.Write("segue.yaml", $"limits:\n  small_table: 0B\n{settings}");
        shop._project.WriteChange(
            Change,
            """
            operations:
              - add_column:
                  table: orders
                  name: currency
                  type: char(3)
                  nullable: false
                  backfill: "coalesce(region_currency(region), 'USD')"
                  check: "currency ~ '^[A-Z]{3}$'"
                  references: { table: currencies, column: code, on_delete: restrict }
                  index: true
                  comment: ISO 4217 code
            """
        );
        return shop;
    }

    /// <summary>Old code at work, until it is replaced.</summary>
    public Task<TrafficRun> TrafficAsync(double rate = 60) => TrafficRun.StartAsync([_workload.OldApp(rate)]);

    /// <summary>New code instead of old.</summary>
    public async Task DeployAsync(TrafficRun traffic, double rate = 60)
    {
        await traffic.AddAsync(_workload.NewApp(rate));
        await traffic.RemoveAsync(OrdersWorkload.OldAppName);
    }

    /// <summary>Forgets connections that a stopped server has ended.</summary>
    public void Reconnect()
    {
        Database.Reconnect();
        NpgsqlConnection.ClearPool(new NpgsqlConnection(Database.ConnectionString));
    }

    public SegueProcess Start(params IEnumerable<string> arguments) => _project.Start(arguments);

    public SegueProcess StartInBackground(params IEnumerable<string> arguments) =>
        _project.StartInBackground(arguments);

    public Task<SegueResult> RunAsync(params IEnumerable<string> arguments) => _project.RunAsync(arguments);

    /// <summary>An early deployment of new code writes the column while it is being filled.</summary>
    public Task WriteAsNewCodeAsync() =>
        Database.ExecuteAsync(
            """
            WITH written AS (UPDATE orders SET currency = 'SEK' WHERE id % 97 = 0 RETURNING id)
            INSERT INTO app_write_log (order_id, field, value) SELECT id, 'currency', 'SEK' FROM written
            """
        );

    /// <summary>Rows filled, as the ledger has committed them.</summary>
    public async Task<long> RowsDoneAsync() =>
        await Database.ScalarAsync<bool>("SELECT to_regclass('segue.backfill') IS NOT NULL")
            ? await Database.ScalarAsync<long>("SELECT coalesce(sum(rows_done), 0)::bigint FROM segue.backfill")
            : 0;

    public async Task<bool> HasBegunAsync() =>
        await Database.ScalarAsync<bool>("SELECT to_regclass('segue.change') IS NOT NULL")
        && await Database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM segue.change)");

    /// <summary>Waits until it commits batches; fails when it ends before.</summary>
    public async Task ShouldBeFillingAsync(SegueProcess segue)
    {
        long before = await RowsDoneAsync();
        await Eventually.TrueAsync(
            "rows are filled",
            async () =>
                segue.HasExited
                    ? throw new InvalidOperationException($"segue ended:\n{segue.Said}")
                    : await RowsDoneAsync() > before
        );
    }

    /// <summary>Whether a session of Segue holds a lock on the table.</summary>
    public Task<bool> HoldsLocksAsync() =>
        Database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE relation = "
                + "'orders'::regclass AND application_name = 'segue')"
        );

    public Task<bool> HoldsStronglyAsync() =>
        Database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE relation = "
                + "'orders'::regclass AND application_name = 'segue' AND mode = 'AccessExclusiveLock' AND granted)"
        );

    /// <summary>Whether a statement of Segue is under way.</summary>
    public Task<bool> IsWorkingAsync() =>
        Database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
                + "application_name = 'segue' AND state = 'active')"
        );

    public Task<bool> IsBuildingAsync() =>
        Database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%')"
        );

    /// <summary>
    /// A report that reads for long: an index build waits for it, and it keeps dead rows from being pruned.
    /// </summary>
    public async Task<NpgsqlConnection> OpenOldSnapshotAsync()
    {
        NpgsqlConnection connection = new($"{Database.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM customers",
            connection
        );
        await command.ExecuteScalarAsync();
        return connection;
    }

    /// <summary>
    /// Each row has the value it must have, no write of an app is lost, no row was written again and again, and the
    /// record is whole.
    /// </summary>
    public async Task ShouldBeFilledAsync(int kills)
    {
        (
            await Database.ScalarAsync<long>(
                $"SELECT count(*) FROM orders o WHERE currency IS DISTINCT FROM {Expected} AND NOT EXISTS "
                    + "(SELECT FROM app_write_log WHERE order_id = o.id AND field = 'currency')"
            )
        ).ShouldBe(0);
        (await _workload.LostWritesAsync("currency")).ShouldBeEmpty();
        await ShouldHaveLostNothingAsync();

        // A killed batch is done again, and a row that an app moved is met twice by none: at most a batch for each kill
        // comes on top.
        const int Batch = Orders / 10;
        long bySegue = await Database.ScalarAsync<long>(
            "SELECT n_tup_upd - (SELECT count(*) FROM app_write_log) FROM pg_stat_user_tables WHERE relname = 'orders'"
        );
        bySegue.ShouldBeLessThan(Orders + ((kills + 1) * Batch));
    }

    public async Task ShouldHaveLostNothingAsync()
    {
        (await _workload.LostWritesAsync("status")).ShouldBeEmpty();
        (await Database.ScalarAsync<long>("SELECT count(*) FROM segue.history WHERE NOT unaltered")).ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        _project.Dispose();
        await Database.DisposeAsync();
    }
}
