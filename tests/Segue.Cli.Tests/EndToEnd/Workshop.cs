using System.Text.Json.Nodes;
using Segue.Lab.Servers;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>A database with orders, and a directory in which <c>segue</c> is typed.</summary>
internal sealed class Workshop : IAsyncDisposable
{
    public const string Change = "0001_orders_currency";

    private Workshop(TestDatabase database)
    {
        Database = database;
        Project = new SegueProject(database.Server.Url(database.Name));
    }

    public TestDatabase Database { get; }

    public SegueProject Project { get; }

    public static async Task<Workshop> OpenAsync(PostgresServer? server = null, int rows = 1000)
    {
        TestDatabase database = await Postgres.DatabaseAsync(server ?? await Postgres.ServerAsync(Postgres.Majors[^1]));
        await database.ExecuteAsync(
            $"""
            CREATE TABLE currencies (code char(3) PRIMARY KEY);
            INSERT INTO currencies VALUES ('USD'), ('EUR');
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, note text);
            INSERT INTO orders (region, note) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, repeat('x', 80)
                FROM generate_series(1, {rows}) n;
            """
        );
        Workshop workshop = new(database);
        workshop.Project.Write("segue.yaml", "limits: { small_table: 0B, batch_target: 5ms }\n");
        return workshop;
    }

    /// <summary>An <c>add_column</c> on orders with these keys beside table and name.</summary>
    public void Write(string keys, string change = Change) =>
        Project.WriteChange(change, $"operations:\n  - add_column: {{ table: orders, name: currency, {keys} }}\n");

    public void WriteWholeRoad() =>
        Write(
            "type: char(3), nullable: false, backfill: \"CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' "
                + "END\", check: \"currency ~ '^[A-Z]{3}$'\", references: { table: currencies, column: code }, "
                + "index: true"
        );

    public SegueProcess Start(params IEnumerable<string> arguments) => Project.Start(arguments);

    public Task<SegueResult> RunAsync(params IEnumerable<string> arguments) => Project.RunAsync(arguments);

    public async Task<JsonNode> JsonAsync(params string[] arguments) =>
        JsonNode.Parse((await RunAsync([.. arguments, "--output", "json"])).ShouldExit(0).Output)!;

    /// <summary>The change as <c>status --output json</c> tells of it.</summary>
    public async Task<JsonNode> StatusAsync() => (await JsonAsync("status", Change))["changes"]![0]!;

    /// <summary>All that the catalog says, the ledger's being there included.</summary>
    public async Task<IReadOnlyList<string>> CatalogAsync()
    {
        IReadOnlyList<string> lines = await CatalogDescription.OfAsync(Database);
        return
        [
            .. lines,
            .. await Database.ColumnAsync("SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'segue'"),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        Project.Dispose();
        await Database.DisposeAsync();
    }
}
