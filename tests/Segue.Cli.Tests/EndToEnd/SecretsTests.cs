using System.Text;
using Npgsql;
using Segue.Lab.Servers;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>A password is in no place that somebody else may read.</summary>
public class SecretsTests
{
    private const string Password = "s3same-Öffne";

    [Fact]
    public async Task A_password_appears_in_no_output_ledger_activity_log_or_process_list()
    {
        await using PostgresServer server = await ServerAsync();
        await using Workshop shop = await Workshop.OpenAsync(server, rows: 20_000);
        await shop.Database.ExecuteAsync(
            $"""
            CREATE ROLE clerk LOGIN PASSWORD '{Password}';
            ALTER TABLE orders OWNER TO clerk; ALTER TABLE currencies OWNER TO clerk;
            GRANT CREATE ON DATABASE {shop.Database.Name} TO clerk; GRANT CREATE ON SCHEMA public TO clerk;
            """
        );
        await server.ExecuteAsync("ALTER SYSTEM SET log_statement = 'all'");
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        shop.WriteWholeRoad();
        StringBuilder said = new(await RefusedAsync(shop));

        string url = $"postgres://clerk:{Uri.EscapeDataString(Password)}@127.0.0.1:{server.Port}/{shop.Database.Name}";
        shop.Project.Environment["SEGUE_DATABASE"] = url;
        using SegueProcess segue = shop.Start("apply", "--duty-cycle", "0.1");
        await Eventually.TrueAsync(
            "it is at work",
            async () =>
                segue.HasExited
                || await shop.Database.ScalarAsync<bool>("SELECT to_regclass('segue.backfill') IS NOT NULL")
        );
        said.Append(await File.ReadAllTextAsync($"/proc/{segue.Id}/cmdline"));
        said.AppendJoin('\n', await shop.Database.ColumnAsync("SELECT row_to_json(a)::text FROM pg_stat_activity a"));
        SegueResult ended = (await segue.EndAsync()).ShouldExit(0);
        said.Append(ended.Output).Append(ended.Error);
        foreach (
            string[] verb in (string[][])
                [
                    ["status", "0001"],
                    ["plan", "--output", "json"],
                    ["plan", "--output", "sql"],
                    ["doctor"],
                    ["status", "--output", "json", "--database", url],
                    ["complete", "0001", "--yes"],
                ]
        )
        {
            ended = (await shop.RunAsync(verb)).ShouldExit(0);
            said.Append(ended.Output).Append(ended.Error);
        }

        said.AppendJoin('\n', await LedgerAsync(shop.Database));
        ShouldBeFreeOf(said.ToString());
        // The role's own CREATE ROLE is the test's doing.
        ShouldBeFreeOf(
            string.Join(
                '\n',
                (await File.ReadAllLinesAsync(server.LogFile)).Where(line =>
                    !line.Contains("CREATE ROLE", StringComparison.Ordinal)
                )
            )
        );
        said.ToString().ShouldContain("clerk");
    }

    /// <summary>What is said to somebody with a wrong password, or who mistypes the address.</summary>
    private static async Task<string> RefusedAsync(Workshop shop)
    {
        StringBuilder said = new();
        string wrong = Uri.EscapeDataString($"{Password}!");
        foreach (
            (string database, int code) in ((string, int)[])
                [
                    ($"postgres://clerk:{wrong}@127.0.0.1:{shop.Database.Server.Port}/{shop.Database.Name}", 1),
                    (
                        $"Host=127.0.0.1;Port={shop.Database.Server.Port};Username=clerk;Password={Password}!;"
                            + $"Database={shop.Database.Name}",
                        1
                    ),
                    ($"postgres://clerk:{wrong}@127.0.0.1:1/shop", 1),
                    ($"postgres://clerk:{wrong}@127.0.0.1:x/shop", 2),
                    ($"postgrs://clerk:{wrong}@127.0.0.1/shop", 2),
                    ($"clerk:{wrong}@127.0.0.1/shop", 2),
                ]
        )
        {
            shop.Project.Environment["SEGUE_DATABASE"] = database;
            SegueResult ended = (await shop.RunAsync("apply")).ShouldExit(code);
            said.Append(ended.Output).Append(ended.Error);
        }

        return said.ToString();
    }

    private static async Task<PostgresServer> ServerAsync()
    {
        PostgresServer server = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = Postgres.Majors[^1],
                Settings = new Dictionary<string, string> { ["fsync"] = "off" },
            }
        );
        string rules = Path.Combine(server.DataDirectory, "pg_hba.conf");
        await File.WriteAllTextAsync(
            rules,
            $"host all clerk 127.0.0.1/32 scram-sha-256\n{await File.ReadAllTextAsync(rules)}"
        );
        await server.ExecuteAsync("SELECT pg_reload_conf()");
        return server;
    }

    private static async Task<IReadOnlyList<string>> LedgerAsync(TestDatabase database)
    {
        List<string> rows = [];
        foreach (
            string table in await database.ColumnAsync(
                "SELECT relname FROM pg_class WHERE relnamespace = 'segue'::regnamespace AND relkind = 'r'"
            )
        )
        {
            rows.AddRange(await database.ColumnAsync($"SELECT row_to_json(t)::text FROM segue.{table} t"));
        }

        return rows;
    }

    private static void ShouldBeFreeOf(string text)
    {
        text.ShouldNotContain(Password);
        text.ShouldNotContain("s3same");
    }
}
