using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;

namespace Segue.Cli.Tests.Commands;

public sealed class ApplyTests : IDisposable
{
    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    [Fact]
    public async Task A_change_waits_at_its_gate_and_says_how_to_pass_it()
    {
        _segue.AddChange("0001_note");

        (await _segue.RunAsync("apply", "0001")).ShouldBe(0);

        _segue.Out.ShouldContain("0001_note waits at its gate");
        _segue.Out.ShouldContain("next      segue complete 0001_note");
        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);
    }

    [Fact]
    public async Task Pending_changes_apply_in_order_while_others_wait_at_gates()
    {
        _segue.AddChange("0002_second");
        _segue.AddChange("0001_first");

        (await _segue.RunAsync("apply", "--yes", "--output", "json")).ShouldBe(0);

        _segue.Json["changes"]!
            .AsArray()
            .Select(change => change!["name"]!.GetValue<string>())
            .ShouldBe(["0001_first", "0002_second"]);
    }

    [Fact]
    public async Task Apply_of_several_changes_asks_at_a_terminal_and_obeys_no()
    {
        _segue.AddChange("0001_first");
        _segue.AddChange("0002_second");
        _segue.Answer = false;

        (await _segue.RunAsync("apply")).ShouldBe(2);

        _segue.Questions.ShouldHaveSingleItem().ShouldEndWith(": 0001_first, 0002_second?");
        _segue.Error.ShouldContain("not confirmed; nothing was changed.");
        _segue.Engine.Memory.Exists.ShouldBeFalse();
    }

    [Theory]
    [InlineData("apply", "--yes")]
    [InlineData("apply", "0001", "--yes")]
    [InlineData("apply", "0001")]
    public async Task Apply_does_not_ask_with_yes_or_for_a_named_change(params string[] arguments)
    {
        _segue.AddChange("0001_first");
        _segue.AddChange("0002_second");
        _segue.Answer = false;

        (await _segue.RunAsync(arguments)).ShouldBe(0);

        _segue.Questions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Several_changes_without_a_terminal_need_yes_or_their_names()
    {
        _segue.AddChange("0001_first");
        _segue.AddChange("0002_second");

        (await _segue.RunAsync("apply")).ShouldBe(2);
        _segue.Error.ShouldContain("name the ones to apply: `segue apply 0001_first 0002_second`");
        _segue.Engine.Memory.Exists.ShouldBeFalse();

        (await _segue.RunAsync("apply", "0002", "0001", "--output", "json")).ShouldBe(0);
        _segue.Json["changes"]!
            .AsArray()
            .Select(change => change!["name"]!.GetValue<string>())
            .ShouldBe(["0002_second", "0001_first"]);
    }

    [Fact]
    public async Task An_unfinished_change_without_its_file_is_named_before_anything_is_applied()
    {
        _segue.AddChange("0001_first");
        await _segue.RunAsync("apply", "0001");
        File.Delete(Path.Combine(_segue.Changes, "0001_first.yaml"));

        (await _segue.RunAsync("apply")).ShouldBe(3);
        _segue.Error.ShouldContain(
            "0001_first: its file does not exist (another branch?), and the change is not finished: it is waiting"
        );
        _segue.Error.ShouldContain("segue complete 0001_first");

        _segue.AddChange("0002_second");
        (await _segue.RunAsync("apply")).ShouldBe(3);
        _segue.Error.ReplaceLineEndings(" ").ShouldContain("name them: 0002_second.");
        (await _segue.RunAsync("apply", "0002")).ShouldBe(0);

        (await _segue.RunAsync("apply", "0001")).ShouldBe(3);
        _segue.Error.ShouldContain("0001_first: its file does not exist");
    }

    [Fact]
    public async Task Plan_shows_the_stored_plan_of_a_change_without_its_file()
    {
        _segue.AddChange("0001_first");
        await _segue.RunAsync("apply", "0001");
        File.Delete(Path.Combine(_segue.Changes, "0001_first.yaml"));

        (await _segue.RunAsync("plan")).ShouldBe(3);
        _segue.Error.ShouldContain("0001_first: its file does not exist");
        (await _segue.RunAsync("plan", "0001")).ShouldBe(0);
        _segue.Out.ShouldContain("Plan for 0001_first");
        _segue.Error.ShouldContain("note: its file does not exist any more.");

        // As apply would: the plan of another change is not what comes next.
        _segue.AddChange("0002_second");
        (await _segue.RunAsync("plan")).ShouldBe(3);
        _segue.Error.ReplaceLineEndings(" ").ShouldContain("name them: 0002_second.");
    }

    [Fact]
    public async Task The_status_of_one_change_ends_with_the_next_commands()
    {
        _segue.AddChange("0001_first");
        await _segue.RunAsync("apply", "0001");

        (await _segue.RunAsync("status", "0001")).ShouldBe(0);
        _segue.Out.ShouldContain("  next      segue complete 0001_first");
        (await _segue.RunAsync("status", "0001", "--output", "json")).ShouldBe(0);
        _segue.Json["changes"]![0]!["next"]!
            .AsArray()
            .Select(next => ((string)next!["verb"]!, (string)next["change"]!, (string)next["command"]!))
            .ShouldBe([
                ("complete", "0001_first", "segue complete 0001_first"),
                ("rollback", "0001_first", "segue rollback 0001_first"),
            ]);
    }

    [Fact]
    public async Task An_edited_file_of_a_completed_change_and_a_late_number_are_reported()
    {
        _segue.AddChange("0002_second");
        await _segue.RunAsync("apply");
        await _segue.RunAsync("complete", "0002", "--yes");
        _segue.AddChange("0002_second", "other");
        _segue.AddChange("0001_first");

        (await _segue.RunAsync("apply")).ShouldBe(0);

        _segue.Error.ShouldContain("0002_second: its file was edited after the change was completed");
        _segue.Error.ShouldContain("0001_first: its name sorts before 0002_second");
    }

    [Fact]
    public async Task The_first_failed_change_ends_apply()
    {
        _segue.AddChange("0001_first");
        _segue.AddChange("0002_second");
        _segue.Engine.Plan = change => new PlanOutcome.Refused([
            new Problem("add_column", "it is not safe.", "Do it otherwise."),
        ]);

        (await _segue.RunAsync("apply", "--yes", "--output", "json")).ShouldBe(3);

        _segue.Json["changes"]!.AsArray().Count.ShouldBe(1);
        _segue.Json["error"]!["problems"]![0]!["where"]!.GetValue<string>().ShouldBe("0001_first: add_column");
    }

    [Fact]
    public async Task Nothing_begins_while_one_of_the_files_is_broken()
    {
        _segue.AddChange("0001_first");
        File.WriteAllText(Path.Combine(_segue.Changes, "0002_broken.yaml"), "operations: []\nfoo: 1\n");

        (await _segue.RunAsync("apply")).ShouldBe(2);

        _segue.Error.ShouldContain("0002_broken.yaml:2:1");
        _segue.Engine.Memory.Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_failed_plan_creates_no_ledger()
    {
        _segue.AddChange("0001_first");
        _segue.Engine.Plan = change => new PlanOutcome.Invalid([
            new Problem("table", "there is no table orders.", "Create it."),
        ]);

        (await _segue.RunAsync("apply")).ShouldBe(2);

        _segue.Engine.Memory.Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_rolled_back_change_begins_again_only_by_name()
    {
        _segue.AddChange("0001_first");
        await _segue.RunAsync("apply");
        (await _segue.RunAsync("rollback", "0001", "--yes")).ShouldBe(0);

        (await _segue.RunAsync("apply")).ShouldBe(0);
        _segue.Out.ShouldContain("Nothing to apply");
        (await _segue.RunAsync("apply", "0001")).ShouldBe(0);
        _segue.Engine.Memory["0001_first"].Status.ShouldBe(ChangeStatus.Waiting);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_the_approved_plan_is_begun_or_resumed(bool begun)
    {
        _segue.AddChange("0001_first");
        if (begun)
        {
            await _segue.RunAsync("apply");
        }

        (await _segue.RunAsync("apply", "0001", "--plan-hash", new string('0', 64))).ShouldBe(3);

        _segue.Error.ShouldContain("not the approved 0000");
    }

    [Fact]
    public async Task The_hash_that_plan_shows_is_the_one_that_apply_takes()
    {
        _segue.AddChange("0001_first");
        await _segue.RunAsync("plan", "--output", "json");
        string hash = _segue.Json["hash"]!.GetValue<string>();

        (await _segue.RunAsync("apply", "0001", "--plan-hash", hash)).ShouldBe(0);
    }

    [Fact]
    public async Task A_lock_timeout_exits_4()
    {
        _segue.AddChange("0001_first");
        _segue.Engine.Attempt = _ => new DdlAttempt.NotObtained([
            new Blocker
            {
                Session = "pid 4711",
                Relation = "public.orders",
                Remedy = "SELECT pg_terminate_backend(4711)",
            },
        ]);

        (await _segue.RunAsync("apply", "--lock-wait", "0s", "--output", "json")).ShouldBe(4);

        _segue.Json["changes"]![0]!["status"]!.GetValue<string>().ShouldBe("failed");
        _segue.Json["error"]!["problems"]![0]!["what"]!.GetValue<string>().ShouldContain("pid 4711");
    }

    [Fact]
    public async Task Another_runner_at_work_exits_5()
    {
        _segue.AddChange("0001_first");
        _segue.Engine.OtherRunner = new LeaseHolder(
            "deploy@ci, process 12",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch
        );

        (await _segue.RunAsync("apply")).ShouldBe(5);

        _segue.Error.ShouldContain("deploy@ci, process 12");
    }

    [Fact]
    public async Task An_interrupted_run_exits_130_and_names_the_next_command()
    {
        _segue.AddChange("0001_first");
        using CancellationTokenSource stop = new();
        _segue.Engine.Attempt = _ =>
        {
            stop.Cancel();
            return new DdlAttempt.NotObtained([]);
        };

        (await _segue.RunAsync(stop.Token, "apply", "0001")).ShouldBe(130);

        _segue.Error.ShouldContain("  next      segue apply 0001_first");
        _segue.Error.ShouldContain("  or        segue rollback 0001_first");
        (await _segue.RunAsync("status", "--output", "json")).ShouldBe(0);
        _segue.Json["changes"]![0]!["status"]!.GetValue<string>().ShouldBe("interrupted");
    }
}
