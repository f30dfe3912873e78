using System.Diagnostics;
using Npgsql;
using Segue.Lab;
using Segue.Lab.Servers;

namespace Segue.Cli.Tests.Lab;

public sealed class PostgresServerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Theory]
    [InlineData(14)]
    [InlineData(18)]
    public async Task A_server_of_the_requested_version_runs_and_leaves_nothing_behind(int major)
    {
        PostgresServer server = await StartAsync(major);
        string database = await server.CreateDatabaseAsync("shop \"one\"");
        (await ScalarAsync<string>(database, "SHOW server_version")).ShouldStartWith($"{major}.");
        (await ScalarAsync<string>(database, "SHOW fsync")).ShouldBe("off");
        (await ScalarAsync<string>(database, "SHOW server_encoding")).ShouldBe("UTF8");
        int postmaster = server.PostmasterPid.ShouldNotBeNull();
        ProcessLife.IsAlive(postmaster).ShouldBeTrue();

        await server.DisposeAsync();

        ProcessLife.IsAlive(postmaster).ShouldBeFalse();
        Directory.Exists(Path.GetDirectoryName(server.DataDirectory)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_restarted_or_killed_server_keeps_its_port_and_data()
    {
        await using PostgresServer server = await StartAsync(17);
        await server.ExecuteAsync("CREATE TABLE kept (id int)");
        int first = server.PostmasterPid.ShouldNotBeNull();

        await server.RestartAsync();
        int second = server.PostmasterPid.ShouldNotBeNull();
        await server.KillAsync();
        server.PostmasterPid.ShouldBeNull();
        await server.StartAgainAsync();

        new[] { first, second, server.PostmasterPid.ShouldNotBeNull() }.ShouldBeUnique();
        (await ScalarAsync<long>(server.ConnectionString(), "SELECT count(*) FROM kept")).ShouldBe(0);
    }

    [Fact]
    public async Task Kept_data_is_shut_down_cleanly_and_remains()
    {
        string root = Path.Combine(Path.GetTempPath(), $"segue-kept-{Guid.NewGuid():N}");
        var options = new PostgresServerOptions
        {
            Major = 17,
            DataRoot = root,
            KeepOnDispose = true,
        };
        PostgresServer server = await PostgresServer.StartAsync(options);

        await server.DisposeAsync();

        File.ReadAllText(server.LogFile).ShouldContain("database system is shut down");
        File.Exists(Path.Combine(server.DataDirectory, "PG_VERSION")).ShouldBeTrue();
        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(17)]
    public async Task A_standby_streams_from_a_primary_that_goes_on_and_can_be_promoted(int major)
    {
        await using PostgresServer primary = await StartAsync(major);
        await primary.ExecuteAsync("CREATE TABLE written AS SELECT 1 AS n");

        await using (PostgresServer standby = await primary.CreateStandbyAsync())
        {
            await primary.ExecuteAsync("INSERT INTO written VALUES (2)");
            (await ScalarAsync<bool>(standby.ConnectionString(), "SELECT pg_is_in_recovery()")).ShouldBeTrue();
            await UntilAsync(async () =>
                await ScalarAsync<long>(standby.ConnectionString(), "SELECT count(*) FROM written") == 2
            );

            await standby.PromoteAsync();
            await standby.ExecuteAsync("INSERT INTO written VALUES (3)");
        }

        (await ScalarAsync<long>(primary.ConnectionString(), "SELECT count(*) FROM pg_replication_slots")).ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_cannot_start_reports_why()
    {
        var options = new PostgresServerOptions
        {
            Major = 17,
            Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" },
        };
        LabException error = await Should.ThrowAsync<LabException>(() => PostgresServer.StartAsync(options));
        error.Message.ShouldContain("no_such_setting");
    }

    [Fact]
    public async Task An_unknown_version_is_refused_with_the_known_versions()
    {
        LabException error = await Should.ThrowAsync<LabException>(() => PostgresBinaries.FindAsync(9));
        error.Message.ShouldContain("14, 15, 16, 17, 18");
    }

    [Fact]
    public async Task The_watch_stops_the_server_and_removes_its_directory_after_the_process_ended()
    {
        string directory = Directory.CreateTempSubdirectory("segue-watch-").FullName;
        using var server = Process.Start("sleep", "600");

        // To dispose without a release closes the pipe, as the system does for a process that was killed.
        ParentWatch.Start(directory, keep: false, ["kill", server.Id.ToString()]).Dispose();

        await UntilAsync(() => Task.FromResult(server.HasExited && !Directory.Exists(directory)));
    }

    [Fact]
    public async Task A_released_watch_removes_nothing()
    {
        string directory = Directory.CreateTempSubdirectory("segue-watch-").FullName;
        using (ParentWatch watch = ParentWatch.Start(directory, keep: false, ["true"]))
            await watch.ReleaseAsync();
        Directory.Exists(directory).ShouldBeTrue();
        Directory.Delete(directory);
    }

    private static Task<PostgresServer> StartAsync(int major) =>
        PostgresServer.StartAsync(
            new PostgresServerOptions
            {
                Major = major,
                Settings = new Dictionary<string, string> { ["fsync"] = "off" },
            }
        );

    private static async Task<T> ScalarAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
            await Task.Delay(20, patience.Token);
    }
}
