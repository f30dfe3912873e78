using Npgsql;
using Segue.Conformance;
using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Conformance;

/// <summary>Tests of every engine, on the newest server that tests run on.</summary>
/// <param name="isHurried">Waits of runs take a tenth; the server's clock does not know of it.</param>
internal sealed class PostgresHarness(bool isHurried = false) : IEngineHarness
{
    public async Task RunAsync(Func<IEngineTarget, Task> test)
    {
        TestDatabase database = await Postgres.EmptyDatabaseAsync(Postgres.Majors[^1]);
        await using PostgresTarget target = new(database, isHurried ? new HurriedTime() : TimeProvider.System);
        await test(target);
    }
}

internal sealed class PostgresTarget(TestDatabase database, TimeProvider time) : IEngineTarget
{
    private const string Application = "conformance";

    private const string Sessions =
        $"FROM pg_stat_activity WHERE application_name = '{Application}' AND datname = current_database()";

    public TimeProvider Time => time;

    public string Yes => "SELECT true";

    public IEngine Open() => database.Engine(new PostgresEngineSettings { ApplicationName = Application });

    public IEngine OpenUnreachable() =>
        new PostgresEngine("Host=127.0.0.1;Port=1;Username=nobody;Password=none;Database=none");

    public Task CreateItemsAsync(int rows) =>
        database.ExecuteAsync($"DROP TABLE IF EXISTS items; {PostgresDialect.Items("items", rows)}");

    public Task WriteAsync(long id, long amount) =>
        database.ExecuteAsync($"UPDATE items SET amount = {amount} WHERE id = {id}");

    public Task<long> WrongAsync() =>
        database.ScalarAsync<long>("SELECT count(*) FROM items WHERE code IS DISTINCT FROM amount * 2");

    public async Task<IReadOnlyList<string>> SchemaAsync()
    {
        await using NpgsqlConnection connection = await database.OpenAsync();
        return await CatalogDescription.OfAsync(connection);
    }

    public Task<IReadOnlyList<string>> LeftoversAsync() =>
        database.ColumnAsync(PostgresConformanceDatabase.LeftoversQuery);

    // A row that is written also keeps a concurrent index build waiting.
    public Task<IAsyncDisposable> HoldRowAsync(long id) =>
        HoldAsync($"UPDATE items SET amount = amount WHERE id = {id}");

    public Task<IAsyncDisposable> HoldTableAsync() => HoldAsync("LOCK TABLE items IN EXCLUSIVE MODE");

    public Task RewriteAsync() => database.ExecuteAsync("VACUUM FULL items");

    public async Task AlterEventAsync(long id)
    {
        string alter = $"UPDATE segue.event SET message = 'nothing' WHERE id = {id}";
        (await Should.ThrowAsync<PostgresException>(() => database.ExecuteAsync(alter))).MessageText.ShouldContain(
            "append-only"
        );
        await database.ExecuteAsync($"ALTER TABLE segue.event DISABLE TRIGGER append_only; {alter}");
    }

    public DdlStep HoldingLong(DdlStep step) =>
        step with
        {
            Statements = [.. Enumerable.Repeat("SELECT pg_sleep(0.2)", 150)],
        };

    public Exception ConnectionLost() => PostgresFaults.ConnectionLost();

    public Exception NoRoom() => PostgresFaults.NoRoom();

    public async Task EndSessionsAsync()
    {
        await database.ExecuteAsync($"SELECT pg_terminate_backend(pid) {Sessions}");
        await Eventually.TrueAsync(
            "Segue's sessions end",
            async () => await database.ScalarAsync<long>($"SELECT count(*) {Sessions}") == 0
        );
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task<IAsyncDisposable> HoldAsync(string statement)
    {
        NpgsqlConnection connection = await database.OpenAsync();
        await using NpgsqlCommand command = new($"BEGIN; {statement}", connection);
        await command.ExecuteNonQueryAsync();
        return new Holding(connection);
    }

    private sealed class Holding(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using NpgsqlCommand command = new("ROLLBACK", connection);
            await command.ExecuteNonQueryAsync();
            await connection.DisposeAsync();
        }
    }
}

internal sealed class PostgresDialect : IDialect
{
    public string Table(string name, int rows) => Items(name, rows);

    public string AddColumn(string table, string column, string expression, bool isRequired) =>
        $"ALTER TABLE {table} ADD COLUMN {column} bigint; UPDATE {table} SET {column} = {expression};"
        + (isRequired ? $"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL" : "");

    public string CreateIndex(string name, string table, string column, bool isUnique) =>
        $"CREATE {(isUnique ? "UNIQUE " : "")}INDEX {name} ON {table} ({column})";

    public static string Items(string name, int rows) =>
        $"CREATE TABLE {name} (id bigint PRIMARY KEY, amount bigint NOT NULL); "
        + $"INSERT INTO {name} SELECT n, n FROM generate_series(1, {rows}) n";
}
