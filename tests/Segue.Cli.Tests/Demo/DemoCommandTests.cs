using System.Text.Json.Nodes;
using System.Xml.Linq;
using Npgsql;
using Segue.Cli.Commands;
using Segue.Cli.Demo;
using Segue.Lab.Traffic;

namespace Segue.Cli.Tests.Demo;

public sealed class DemoCommandTests
{
    private static readonly string[] Stages = ["expand", "backfill", "verify", "enforce", "switch", "contract"];

    [Theory]
    [InlineData(14)]
    [InlineData(18)]
    public async Task A_demo_takes_the_column_live_and_leaves_nothing_but_its_report(int major)
    {
        using DemoHost demo = new();

        ExitCode code = await DemoCommand.RunAsync(
            demo.Host,
            demo.Options with
            {
                Major = major,
            },
            json: true,
            CancellationToken.None
        );

        code.ShouldBe(ExitCode.Done, demo.Error);
        JsonObject result = demo.Json;
        ((int)result["rows"]!).ShouldBe(20_000);
        ((long)result["verifiedRows"]!).ShouldBeGreaterThan(20_000);
        ((long)result["requests"]!).ShouldBeGreaterThan(300);
        ((double)result["p99Ms"]!["before"]!).ShouldBeGreaterThan(0);
        ((double)result["p99Ms"]!["during"]!).ShouldBeGreaterThan(0);
        ((double)result["maxStallMs"]!).ShouldBeGreaterThan(0);
        ((double)result["backfill"]!["rowsPerSecond"]!).ShouldBeGreaterThan(0);
        ((string)result["server"]!).ShouldStartWith($"PostgreSQL {major}.");
        foreach (string none in (string[])["failedRequests", "lostWrites", "wrongRows"])
        {
            ((long)result[none]!).ShouldBe(0, none);
        }

        JsonArray stages = result["stages"]!.AsArray();
        stages.Select(stage => (string)stage!["name"]!).ShouldBe(Stages);
        stages.ShouldAllBe(stage => (double)stage!["seconds"]! > 0);
        stages.ShouldContain(
            stage => (double?)stage!["p99Ms"] > 0 && (double?)stage["maxMs"] > 0,
            "what applications felt of it"
        );
        stages[0]!["steps"]!
            .AsArray()
            .ShouldContain(step => (double)step!["lockWaitMs"]! >= 0 && (double)step["lockHoldMs"]! > 0);

        ((string)result["report"]!).ShouldBe(demo.Options.Report);
        Directory.GetFileSystemEntries(demo.Directory).ShouldBe([demo.Options.Report]);
        ReportShouldTell(File.ReadAllText(demo.Options.Report));
        demo.ShouldHaveLeftNothing();
    }

    [Theory]
    [InlineData("rename")]
    [InlineData("drop")]
    public async Task A_demo_of_another_change_fails_no_request_and_loses_no_row(string word)
    {
        using DemoHost demo = new();

        ExitCode code = await DemoCommand.RunAsync(
            demo.Host,
            demo.Options with
            {
                Change = DemoChange.All.Single(change => change.Word == word),
            },
            json: false,
            CancellationToken.None
        );

        code.ShouldBe(ExitCode.Done, demo.Error + demo.Out);
        demo.Error.ShouldContain("segue complete refuses: ");
        demo.Out.ShouldContain("rows checked: each has the right status");
        demo.ShouldHaveLeftNothing();
    }

    [Fact]
    public async Task A_demo_whose_requests_fail_exits_1_and_shows_the_failures()
    {
        using DemoHost demo = new();
        TrafficClient failing = new(
            "read what is not there",
            20,
            (connection, _, cancel) => FailAsync(connection, cancel)
        )
        {
            Connections = 1,
        };

        ExitCode code = await DemoCommand.RunAsync(
            demo.Host,
            demo.Options with
            {
                MoreClients = [failing],
            },
            json: false,
            CancellationToken.None
        );

        code.ShouldBe(ExitCode.Failed, demo.Error);
        demo.Out.ShouldContain("requests failed");
        demo.Out.ShouldContain("shop-v1, read what is not there: 42P01");
        XElement report = XDocument.Parse(File.ReadAllText(demo.Options.Report)).Root!;
        report.Descendants("h1").Single().Value.ShouldContain("requests failed");
        report.Descendants("line").ShouldContain(line => (string)line.Attribute("class")! == "failed");
        demo.ShouldHaveLeftNothing();
    }

    [Fact]
    public async Task An_interrupted_demo_exits_130_and_leaves_nothing()
    {
        using DemoHost demo = new();
        using CancellationTokenSource stop = new();
        int requests = 0;
        TrafficClient watching = new(
            "interrupt",
            50,
            (_, _, _) => ++requests == 20 ? stop.CancelAsync() : Task.CompletedTask
        )
        {
            Connections = 1,
        };

        ExitCode code = await DemoCommand.RunAsync(
            demo.Host,
            demo.Options with
            {
                MoreClients = [watching],
            },
            json: true,
            stop.Token
        );

        code.ShouldBe(ExitCode.Interrupted);
        ((int)demo.Json["error"]!["exitCode"]!).ShouldBe(130);
        Directory.GetFileSystemEntries(demo.Directory).ShouldBeEmpty();
        demo.ShouldHaveLeftNothing();
    }

    [Fact]
    public async Task A_kept_server_runs_after_the_demo_until_it_is_stopped()
    {
        using DemoHost demo = new();

        (
            await DemoCommand.RunAsync(demo.Host, demo.Options with { Keep = true }, json: true, CancellationToken.None)
        ).ShouldBe(ExitCode.Done, demo.Error);

        JsonNode kept = demo.Json["kept"].ShouldNotBeNull();
        Uri url = new((string)kept["url"]!);
        await using (
            NpgsqlConnection connection = new(
                $"Host={url.Host};Port={url.Port};Database=shop;Username=postgres;Pooling=false"
            )
        )
        {
            await connection.OpenAsync();
            await using NpgsqlCommand count = new("SELECT count(*) FROM orders WHERE currency IS NOT NULL", connection);
            ((long)(await count.ExecuteScalarAsync())!).ShouldBeGreaterThan(20_000);
        }

        File.Exists(Path.Combine((string)kept["changes"]!, "0001_orders_currency.yaml")).ShouldBeTrue();
        using (var shell = System.Diagnostics.Process.Start("/bin/sh", ["-c", (string)kept["stop"]!]))
        {
            await shell.WaitForExitAsync();
            shell.ExitCode.ShouldBe(0);
        }

        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(180));
        while (Directory.GetFileSystemEntries(demo.DataRoot).Length > 0)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    [Theory]
    [InlineData("--rows 10", "'--rows' must be a whole number from 1,000 to 100,000,000.")]
    [InlineData("--rows many", "'--rows' must be a whole number from 1,000 to 100,000,000.")]
    [InlineData("--rate 0", "'--rate' must be a whole number from 10 to 10,000.")]
    [InlineData("--postgres 13", "'13'")]
    [InlineData("--report no/such/directory/report.html", "no/such/directory/report.html cannot be a file")]
    public async Task Bad_usage_is_reported_before_anything_starts(string arguments, string message)
    {
        using DemoHost demo = new();

        int code = await new App(demo.Host).RunAsync(["demo", .. arguments.Split(' ')], CancellationToken.None);

        code.ShouldBe((int)ExitCode.BadInput);
        demo.Error.ShouldContain(message);
        demo.Error.ShouldNotContain("Getting PostgreSQL");
    }

    private static void ReportShouldTell(string html)
    {
        html.ShouldStartWith("<!DOCTYPE html>");
        XElement report = XDocument.Parse(html).Root!;
        report.Descendants("h1").Single().Value.ShouldBe("No request failed, no write was lost, every row is right.");
        string[] named =
        [
            .. report
                .Descendants("text")
                .Where(text => (string?)text.Attribute("class") == "stage")
                .Select(text => text.Value),
        ];
        named.ShouldBe(["baseline", "plan", .. Stages, "after"]);
        string[] rows =
        [
            .. report
                .Descendants("tr")
                .Where(row => (string?)row.Attribute("class") == "stage")
                .Select(row => row.Value),
        ];
        Stages.ShouldAllBe(stage => rows.Any(row => row.StartsWith(stage)));
        report.Descendants("pre").ShouldContain(sql => sql.Value.Contains("ADD COLUMN"));
        report
            .DescendantsAndSelf()
            .Attributes()
            .Where(attribute => attribute.Name.LocalName is "src" or "href")
            .ShouldBeEmpty();
        html.ShouldNotContain("url(");
        html.ShouldNotContain("http", Case.Insensitive);
    }

    private static async Task FailAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new("SELECT * FROM not_there", connection);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
