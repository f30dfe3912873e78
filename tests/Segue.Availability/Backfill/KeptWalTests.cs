using Segue.Availability.Support;
using Segue.Lab.Servers;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Throttling;
using Segue.Testing;

namespace Segue.Availability.Backfill;

public class KeptWalTests
{
    [Theory, PostgresVersions(14, 18)]
    public async Task An_archiver_with_only_a_promotions_history_file_counts_as_behind(int major)
    {
        await using PostgresServer primary = await PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string>
                {
                    ["fsync"] = "off",
                    ["archive_mode"] = "on",
                    ["archive_command"] = "case %f in *.history) true;; *) false;; esac",
                },
            }
        );
        await using PostgresServer promoted = await primary.CreateStandbyAsync();
        await promoted.PromoteAsync();
        await using Database database = new(promoted.ConnectionString("postgres"), "segue", TimeProvider.System);
        await database.ExecuteAsync("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()", default);
        await Until.TrueAsync(
            () =>
                database.ScalarAsync<bool>(
                    "SELECT last_archived_wal LIKE '%.history' AND last_failed_wal IS NOT NULL FROM pg_stat_archiver",
                    default
                ),
            "the archiver fails for a segment"
        );

        (await KeptWal.MostAsync(database, sinceCheckpoint: false, default))
            .ShouldNotBeNull()
            .By.ShouldBe("The archiver");
    }
}
