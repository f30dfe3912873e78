using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using Segue.Planning;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>What a user types from the first day on, in processes, on a server.</summary>
public class LifeTests
{
    [Fact]
    public async Task A_change_is_taken_from_init_to_complete()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        (await shop.RunAsync("init")).ShouldExit(0).Output.ShouldContain("the ledger is ready in ");
        (
            await shop.RunAsync(
                "new",
                "add-column",
                "orders.currency",
                "char(3)",
                "--not-null",
                "--backfill",
                "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END",
                "--check",
                "currency ~ '^[A-Z]{3}$'",
                "--references",
                "currencies(code)",
                "--index"
            )
        )
            .ShouldExit(0)
            .Output.ShouldContain($"wrote changes/{Workshop.Change}.yaml");
        (await shop.RunAsync("plan")).ShouldExit(0).Output.ShouldContain("ADD COLUMN");
        (await shop.StatusAsync())["status"]!.ToString().ShouldBe("pending");
        (await shop.RunAsync("apply")).ShouldExit(0).Output.ShouldContain($"segue complete {Workshop.Change}");
        (await shop.StatusAsync())["status"]!.ToString().ShouldBe("waiting");
        (await shop.RunAsync("complete", Workshop.Change, "--yes")).ShouldExit(0);
        (await shop.RunAsync("apply")).ShouldExit(0).Output.ShouldContain("Nothing to apply");
        (await shop.RunAsync("rollback", Workshop.Change, "--yes")).ShouldExit(3);

        (await shop.StatusAsync())["status"]!.ToString().ShouldBe("completed");
        (
            await shop.Database.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE currency = CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
            )
        ).ShouldBe(1000);
    }

    [Fact]
    public async Task A_change_rolled_back_at_the_gate_can_be_applied_again()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        IReadOnlyList<string> before = await shop.CatalogAsync();
        (await shop.RunAsync("apply", "0001")).ShouldExit(0);
        (await shop.RunAsync("rollback", "0001", "--yes")).ShouldExit(0);
        (await shop.CatalogAsync()).Except(before).ShouldBe(["schema segue"]);
        (await shop.StatusAsync())["status"]!.ToString().ShouldBe("rolled_back");
        (await shop.RunAsync("complete", "0001", "--yes")).ShouldExit(3);
        (await shop.RunAsync("apply", "0001")).ShouldExit(0);
        (await shop.RunAsync("complete", "0001", "--yes")).ShouldExit(0);
    }

    [Fact]
    public async Task Status_has_exactly_the_documented_members()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("apply")).ShouldExit(0);
        JsonNode status = await shop.JsonAsync("status");

        Members(status).ShouldBe(["changes"]);
        JsonNode change = status["changes"]!.AsArray().ShouldHaveSingleItem()!;
        Members(change)
            .ShouldBe([
                "name",
                "status",
                "stage",
                "gate",
                "description",
                "planHash",
                "commit",
                "author",
                "begunAt",
                "updatedAt",
                "rows",
                "throttle",
                "error",
                "notes",
                "next",
            ]);
        Members(change["rows"]!).ShouldBe(["total", "done", "skipped", "perSecond", "etaSeconds"]);
        Members(change["throttle"]!).ShouldBe(["paused", "reason"]);
        change["name"]!.ToString().ShouldBe(Workshop.Change);
        change["stage"]!.ToString().ShouldBe("switch");
        change["gate"]!.ToString().ShouldContain("orders.currency");
        change["rows"]!["done"]!.GetValue<long>().ShouldBe(1000);
        change["planHash"]!.ToString().ShouldBe((await shop.JsonAsync("plan", "0001"))["hash"]!.ToString());
    }

    [Fact]
    public async Task A_pause_from_another_terminal_holds_the_fill_until_it_is_resumed()
    {
        await using Workshop shop = await Workshop.OpenAsync(rows: 30_000);
        shop.WriteWholeRoad();
        using SegueProcess segue = shop.Start("apply", "--duty-cycle", "0.05");
        await Eventually.TrueAsync("rows are filled", async () => segue.HasExited || await RowsAsync(shop) > 0);

        // These looks are the app beside which the fill rests.
        Task<SegueResult> pause = shop.RunAsync("pause", "0001");
        await Eventually.TrueAsync("a pause is asked for", async () => await RowsAsync(shop) > 0 && pause.IsCompleted);
        (await pause).ShouldExit(0);
        await Eventually.TrueAsync(
            "it pauses",
            async () => segue.HasExited || (await shop.StatusAsync())["status"]!.ToString() == "paused"
        );
        long rows = await RowsAsync(shop);
        JsonNode throttle = (await shop.StatusAsync())["throttle"]!;
        throttle["paused"]!.GetValue<bool>().ShouldBeTrue();
        (await RowsAsync(shop)).ShouldBe(rows);
        rows.ShouldBeLessThan(30_000);

        (await shop.RunAsync("resume", "0001")).ShouldExit(0);
        (await segue.EndAsync()).ShouldExit(0);
        (await RowsAsync(shop)).ShouldBe(30_000);
    }

    [Fact]
    public async Task The_statements_of_a_plan_run_by_hand_have_the_effect_of_apply()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        Plan plan = PlanJson.Parse((await shop.JsonAsync("plan"))["plan"]!.ToJsonString());
        string script = (await shop.RunAsync("plan", "--output", "sql")).ShouldExit(0).Output;
        (await shop.RunAsync("init")).ShouldExit(0);
        await RunByHandAsync(shop, plan, script);
        IReadOnlyList<string> byHand = await shop.CatalogAsync();

        await using Workshop other = await Workshop.OpenAsync();
        other.WriteWholeRoad();
        (await other.RunAsync("apply")).ShouldExit(0);
        (await other.RunAsync("complete", "0001", "--yes")).ShouldExit(0);
        byHand.ShouldBe(await other.CatalogAsync());
    }

    [Fact]
    public async Task Doctor_and_schema_print_their_reports()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        JsonNode diagnoses = (await shop.JsonAsync("doctor"))["diagnoses"]!;
        diagnoses.AsArray().Select(diagnosis => diagnosis!["topic"]!.ToString()).ShouldContain("version");
        JsonNode.Parse((await shop.RunAsync("schema")).ShouldExit(0).Output)!["properties"]!
            ["operations"]
            .ShouldNotBeNull();
        (await shop.CatalogAsync()).ShouldNotContain("schema segue");
    }

    /// <summary>As a DBA with nothing but the script would.</summary>
    private static async Task RunByHandAsync(Workshop shop, Plan plan, string script)
    {
        await using NpgsqlConnection connection = await shop.Database.OpenAsync();
        foreach (Step step in plan.Steps())
        {
            IReadOnlyList<string> statements = step switch
            {
                DdlStep ddl => ["BEGIN", .. ddl.PatientLocks, .. ddl.Locks, .. ddl.Statements, "COMMIT"],
                OnlineStep online => [online.Statement],
                BackfillStep backfill => [.. backfill.Targets.Select(target => target.FillRest)],
                VerifyStep verify => [.. verify.Checks.Select(check => check.Query)],
                _ => [],
            };
            foreach (string statement in statements)
            {
                script.ShouldContain($"{statement};");
                await using NpgsqlCommand command = new(statement, connection);
                if (statement.Contains("$2", StringComparison.Ordinal) && step is not DdlStep)
                {
                    command.Parameters.Add(
                        new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid(0, 0) }
                    );
                    command.Parameters.Add(
                        new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Tid, Value = new NpgsqlTid(uint.MaxValue, 0) }
                    );
                }

                await command.ExecuteNonQueryAsync();
            }
        }
    }

    private static Task<long> RowsAsync(Workshop shop) =>
        shop.Database.ScalarAsync<long>(
            "SELECT CASE WHEN to_regclass('segue.backfill') IS NULL THEN 0 ELSE (xpath('/row/n/text()', "
                + "query_to_xml('SELECT coalesce(sum(rows_done), 0) AS n FROM segue.backfill', false, true, "
                + "'')))[1]::text::bigint END"
        );

    private static IEnumerable<string> Members(JsonNode node) => node.AsObject().Select(member => member.Key);
}
