using System.Text.Json.Nodes;
using Segue.Cli.Rendering;
using Segue.Cli.Status;
using Segue.Ledger;
using Segue.Projects;

namespace Segue.Cli.Tests.Status;

public class StatusTests
{
    private static readonly ChangeRecord Filling = new()
    {
        Name = "0007_orders_currency",
        ContentHash = "00",
        PlanHash = "5f3c",
        GitCommit = "c0ffee",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch.AddHours(1),
        Status = ChangeStatus.Running,
        Stage = "backfill",
        ThrottleReason = "replica-1 is 12 s behind (limit 5 s)",
    };

    private static readonly BackfillRecord Half = new()
    {
        StepId = "backfill",
        Relation = "public.orders",
        RowsTotal = 2_000_000,
        RowsDone = 860_000,
        UnitsTotal = 20_000,
        UnitsDone = 10_000,
        UnitsSkipped = 3,
        RowsPerSecond = 100_000,
    };

    private static readonly Standing[] All =
    [
        Standings.Of(
            Filling with
            {
                Name = "0006_users_email",
                Status = ChangeStatus.Completed,
                Stage = "contract",
                ThrottleReason = null,
            },
            []
        ),
        Standings.Of(Filling, [Half]),
        Standings.Of(
            Filling with
            {
                Name = "0008_total",
                Status = ChangeStatus.Waiting,
                Stage = "switch",
                Gate = "every app to write orders.total",
                ThrottleReason = null,
            },
            []
        ),
        Standings.Of(
            Filling with
            {
                Name = "0009_note",
                Status = ChangeStatus.Failed,
                Stage = "expand",
                Error = "out of disk space",
                ThrottleReason = null,
            },
            []
        ),
        Standing.Pending("0010_later"),
    ];

    [Fact]
    public void The_json_has_its_documented_shape()
    {
        Golden.ShouldMatch(StatusJson.Of(All, new Hints(null, null)).ToString(), "status.json");
    }

    [Fact]
    public void Failing_rows_are_reported_during_the_fill_until_a_verdict_exists()
    {
        BackfillRecord failing = Half with
        {
            Failed = new FailedRows(
                2,
                [
                    new FailedRow("id=7", "division by zero (SQLSTATE 22012)"),
                    new FailedRow("id=9", "division by zero (SQLSTATE 22012)"),
                ]
            ),
        };
        using TestConsole console = new();

        new StatusText(new Sheet(console.Console)).Write([Standings.Of(Filling, [failing])]);

        console
            .Text.ReplaceLineEndings(" ")
            .ShouldContain("failing: 2 rows cannot be filled: division by zero (SQLSTATE 22012) for id=7, id=9");
        JsonNode json = StatusJson.Of([Standings.Of(Filling, [failing])], new Hints(null, null))["changes"]![0]![
            "failedRows"
        ]!;
        ((int)json["count"]!).ShouldBe(2);
        ((string)json["samples"]![1]!["key"]!).ShouldBe("id=9");
        Standings
            .Of(Filling with { Stage = "switch", Status = ChangeStatus.Waiting }, [failing])
            .FailedRows.ShouldBeNull();
    }

    [Fact]
    public void A_total_is_never_less_than_the_rows_done_and_equals_them_at_the_end()
    {
        BackfillRecord prune = Half with { RowsTotal = 50_000, RowsDone = 999, UnitsSkipped = 0, Finished = true };
        StatusText.Rows(Standings.Of(Filling, [prune]).Rows).ShouldBe("999");

        BackfillRecord larger = Half with { RowsTotal = 43_260, RowsDone = 50_000 };
        Standings.Of(Filling, [larger]).Rows.Total.ShouldBe(50_000);
    }

    [Fact]
    public void The_table_shows_the_stage_and_the_wait_of_each_change()
    {
        using TestConsole console = new();

        new StatusText(new Sheet(console.Console)).Write(All);

        Golden.ShouldMatch(console.Text, "status.txt");
    }

    [Fact]
    public async Task The_json_of_one_change_has_its_steps_and_problems_of_its_file()
    {
        using CommandLine segue = new();
        segue.AddChange("0002_note");
        await segue.RunAsync("apply");
        segue.AddChange("0002_note", "other");
        File.WriteAllText(Path.Combine(segue.Changes, "0003_broken.yaml"), "operations: []\nfoo: 1\n");
        segue.AddChange("0001_late");

        await segue.RunAsync("status", "0002", "--output", "json");
        JsonNode change = segue.Json["changes"]![0]!;
        change["steps"]!.AsArray().Count.ShouldBeGreaterThan(1);
        change["steps"]![0]!["state"]!.GetValue<string>().ShouldBe("done");
        change["events"].ShouldNotBeNull();
        change["notes"]![0]!["what"]!.GetValue<string>().ShouldContain("edited after the change had started");

        await segue.RunAsync("status");
        segue.Out.ShouldContain("Its file was edited after the change had started.");
        segue.Out.ShouldContain("Its file is invalid: ");
        segue.Out.ShouldContain("Its name sorts before 0002_note");
    }

    [Fact]
    public void A_rate_is_shown_only_while_the_fill_runs()
    {
        RowCounts rows = Standings.Of(Filling with { Status = ChangeStatus.Failed }, [Half]).Rows;

        (rows.PerSecond, rows.EtaSeconds).ShouldBe((0, null));
    }

    [Fact]
    public void A_requested_pause_is_reported()
    {
        Standing standing = Standings.Of(
            Filling with
            {
                Status = ChangeStatus.Paused,
                PauseRequested = true,
                ThrottleReason = null,
            },
            [Half]
        );

        standing.Throttle.ShouldBe(new ThrottleState(true, "a person asked for it"));
    }
}
