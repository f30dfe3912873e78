using Npgsql;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>
/// Each exit code as a process on a real server gives it. 5 and 130 have tests of their own, with kills and signals.
/// </summary>
public class ExitCodeTests
{
    [Fact]
    public async Task A_failed_verdict_exits_1_and_a_correction_lets_the_change_continue()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.Write(
            "type: char(3), nullable: false, backfill: \"CASE WHEN id = 7 THEN 'xxx' ELSE 'EUR' END\", "
                + "check: \"currency ~ '^[A-Z]{3}$'\""
        );
        (await shop.RunAsync("apply")).ShouldExit(1).Error.ShouldContain("1 of 1,000 rows");
        (await shop.StatusAsync())["status"]!.ToString().ShouldBe("failed");
        await shop.Database.ExecuteAsync("UPDATE orders SET currency = 'CHF' WHERE id = 7");
        (await shop.RunAsync("apply")).ShouldExit(0);
    }

    [Fact]
    public async Task An_unreachable_server_exits_1_with_a_remedy()
    {
        using SegueProject project = new("postgres://app:sesame@127.0.0.1:1/shop");
        SegueResult ended = (await project.RunAsync("status")).ShouldExit(1);
        ended.Error.ShouldContain("cannot reach 127.0.0.1:1 (database shop, user app)");
        ended.Error.ShouldContain("Is the server running");
        ended.Error.ShouldNotContain("sesame");
    }

    [Fact]
    public async Task Bad_usage_exits_2()
    {
        using SegueProject project = new(database: null);
        (await project.RunAsync("aply")).ShouldExit(2).Error.ShouldContain("apply");
        (await project.RunAsync("apply")).ShouldExit(2).Error.ShouldContain("SEGUE_DATABASE");
        (await project.RunAsync("apply", "--until", "tomorrow")).ShouldExit(2);
    }

    [Fact]
    public async Task A_lock_timeout_exits_4_names_the_holder_and_changes_nothing()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        await using NpgsqlConnection report = new(
            $"{shop.Database.ConnectionString};Application Name=nightly-report;Pooling=false"
        );
        await report.OpenAsync();
        await using (NpgsqlCommand read = new("BEGIN; SELECT count(*) FROM orders", report))
        {
            await read.ExecuteScalarAsync();
        }

        IReadOnlyList<string> before = await shop.CatalogAsync();
        SegueResult ended = (await shop.RunAsync("apply", "--lock-wait", "1s")).ShouldExit(4);
        ended.Error.ShouldContain("nightly-report");
        ended.Error.ShouldContain($"pg_terminate_backend({report.ProcessID})");
        (await shop.CatalogAsync()).Except(before).ShouldBe(["schema segue"]);
        await report.CloseAsync();
        (await shop.RunAsync("apply")).ShouldExit(0);
    }

    [Theory]
    [InlineData("CREATE VIEW target AS SELECT * FROM orders", "type: text", "is a view")]
    [InlineData(
        "CREATE TABLE target (id int, region text); INSERT INTO target VALUES (1, 'eu')",
        "type: text, generated: { expression: \"upper(region)\", stored: true }",
        "rewrites the whole table"
    )]
    [InlineData(
        "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE target PARTITION OF p DEFAULT",
        "type: text",
        "is a partition"
    )]
    [InlineData("CREATE TABLE target (id int); CREATE TABLE child () INHERITS (target)", "type: text", "inheritance")]
    public async Task An_unsafe_change_exits_3_and_changes_nothing(string sql, string keys, string reason)
    {
        await using Workshop shop = await Workshop.OpenAsync();
        await shop.Database.ExecuteAsync(sql);
        shop.Project.WriteChange(
            Workshop.Change,
            $"operations:\n  - add_column: {{ table: target, name: currency, {keys} }}\n"
        );
        IReadOnlyList<string> before = await shop.CatalogAsync();
        (await shop.RunAsync("plan", "--small-table", "0B")).ShouldExit(3).Error.ShouldContain(reason);
        (await shop.RunAsync("apply", "--small-table", "0B")).ShouldExit(3).Error.ShouldContain(reason);
        (await shop.CatalogAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task An_edited_file_of_a_begun_change_exits_3_until_it_is_restored()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("apply", "--until", "expand")).ShouldExit(0);
        shop.Write("type: text");
        (await shop.RunAsync("apply")).ShouldExit(3).Error.ShouldContain("edited");
        shop.WriteWholeRoad();
        (await shop.RunAsync("apply")).ShouldExit(0);
    }

    [Fact]
    public async Task A_plan_that_was_not_approved_exits_3_and_the_approved_plan_runs()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        string hash = (await shop.JsonAsync("plan", "0001"))["hash"]!.ToString();
        await shop.Database.ExecuteAsync("ALTER TABLE orders ALTER COLUMN note TYPE varchar");
        (await shop.RunAsync("apply", "0001", "--plan-hash", hash)).ShouldExit(3).Error.ShouldContain(hash);
        (await shop.CatalogAsync()).ShouldNotContain(line =>
            line.Contains("currency", StringComparison.Ordinal)
            && line.Contains("public.orders", StringComparison.Ordinal)
        );
        await shop.Database.ExecuteAsync("ALTER TABLE orders ALTER COLUMN note TYPE text");
        (await shop.RunAsync("apply", "0001", "--plan-hash", hash)).ShouldExit(0);
    }

    [Fact]
    public async Task Schema_drift_between_stages_exits_3_and_names_what_is_missing()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("apply", "--until", "expand")).ShouldExit(0);
        await shop.Database.ExecuteAsync("ALTER TABLE orders ALTER COLUMN region TYPE varchar(10)");
        (await shop.RunAsync("apply")).ShouldExit(3).Error.ShouldContain("column public.orders.region text");
        (await shop.RunAsync("rollback", "0001", "--yes")).ShouldExit(0);
        (await shop.RunAsync("apply")).ShouldExit(0);
    }

    [Fact]
    public async Task A_ledger_of_a_newer_version_exits_3_and_stays_unchanged()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("init")).ShouldExit(0);
        await shop.Database.ExecuteAsync("UPDATE segue.meta SET version = 999");
        (await shop.RunAsync("apply")).ShouldExit(3).Error.ShouldContain("has version 999");
        (await shop.Database.ScalarAsync<int>("SELECT version FROM segue.meta")).ShouldBe(999);
        (
            await shop.Database.ScalarAsync<long>(
                "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'currency'"
            )
        ).ShouldBe(0);
    }
}
