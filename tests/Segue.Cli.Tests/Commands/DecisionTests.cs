using Segue.Engines;
using Segue.Ledger;

namespace Segue.Cli.Tests.Commands;

public sealed class DecisionTests : IAsyncLifetime, IDisposable
{
    private readonly CommandLine _segue = new();

    public void Dispose() => _segue.Dispose();

    public async Task InitializeAsync()
    {
        _segue.AddChange("0001_note");
        await _segue.RunAsync("apply");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("complete")]
    [InlineData("rollback")]
    public async Task A_decision_without_a_terminal_needs_yes(string verb)
    {
        (await _segue.RunAsync(verb, "0001")).ShouldBe(2);
        _segue.Error.ShouldContain("--yes");
        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);

        (await _segue.RunAsync(verb, "0001", "--yes")).ShouldBe(0);
        _segue.Engine.Memory["0001_note"].Status.ShouldNotBe(ChangeStatus.Waiting);
    }

    [Theory]
    [InlineData("complete")]
    [InlineData("rollback")]
    public async Task Answering_no_changes_nothing(string verb)
    {
        _segue.Answer = false;

        (await _segue.RunAsync(verb, "0001")).ShouldBe(2);

        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);
    }

    [Fact]
    public async Task Answering_yes_completes_the_change()
    {
        _segue.Answer = true;

        (await _segue.RunAsync("complete", "0001")).ShouldBe(0);

        _segue.Out.ShouldContain("0001_note is completed");
        string asked = _segue.Questions.ShouldHaveSingleItem();
        asked.ShouldStartWith("Database db:5432 (database shop, user app). ");
        asked.ShouldContain($"Then it runs: {Samples.Contract.Title}. Afterwards there is no rollback.");
    }

    [Fact]
    public async Task Complete_refuses_while_old_code_writes_and_shows_the_way_out()
    {
        _segue.Engine.Memory.OldWrites.Add(OldWrite);

        (await _segue.RunAsync("complete", "0001", "--yes")).ShouldBe(3);

        _segue.Error.ShouldContain(
            "web-1 (role shop) wrote to orders 2.0 s ago (such writes: 3 in the last minute, 41 in"
        );
        _segue.Error.ShouldContain("segue complete 0001_note --although-old-code-writes --reason '...'");
        await _segue.RunAsync("status");
        _segue.Out.ShouldContain("old code: web-1 (role shop) wrote to orders");

        (await _segue.RunAsync("complete", "0001", "--yes", "--although-old-code-writes")).ShouldBe(2);
        _segue.Error.ShouldContain("'--although-old-code-writes' needs '--reason'");
        (await _segue.RunAsync("complete", "0001", "--yes", "--quiet-for", "soon")).ShouldBe(2);
        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);

        (await _segue.RunAsync("complete", "0001", "--yes", "--quiet-for", "1s")).ShouldBe(0);
    }

    [Fact]
    public async Task Complete_continues_although_old_code_writes_if_a_reason_is_given()
    {
        _segue.Engine.Memory.OldWrites.Add(OldWrite);

        (
            await _segue.RunAsync("complete", "0001", "--yes", "--although-old-code-writes", "--reason", "it retries")
        ).ShouldBe(0);
    }

    private static readonly OldWrites OldWrite = new()
    {
        Change = "0001_note",
        Relation = "orders",
        Application = "web-1",
        Role = "shop",
        Breaks = true,
        Count = 41,
        LastMinute = 3,
        LastAgo = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task A_change_whose_file_was_edited_is_not_completed()
    {
        _segue.AddChange("0001_note", column: "remark");

        (await _segue.RunAsync("complete", "0001", "--yes")).ShouldBe(3);

        _segue.Error.ShouldContain("its file was edited after the change had started");
        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);
    }

    [Fact]
    public async Task A_change_whose_file_is_invalid_now_is_not_completed()
    {
        File.WriteAllText(Path.Combine(_segue.Changes, "0001_note.yaml"), "operations: []\n");

        (await _segue.RunAsync("complete", "0001", "--yes")).ShouldBe(2);

        _segue.Engine.Memory["0001_note"].Status.ShouldBe(ChangeStatus.Waiting);
    }

    [Fact]
    public async Task A_change_can_be_completed_when_its_file_is_gone()
    {
        File.Delete(Path.Combine(_segue.Changes, "0001_note.yaml"));

        (await _segue.RunAsync("complete", "0001", "--yes")).ShouldBe(0);
    }

    [Theory]
    [InlineData(3, "complete", "0001", "--yes")]
    [InlineData(3, "rollback", "0001", "--yes")]
    [InlineData(3, "purge", "0001", "--yes")]
    [InlineData(2, "pause", "0001")]
    [InlineData(2, "resume", "0001")]
    public async Task Only_an_apply_creates_the_ledger(int code, params string[] arguments)
    {
        using CommandLine fresh = new();
        fresh.AddChange("0001_note");

        (await fresh.RunAsync(arguments)).ShouldBe(code);

        fresh.Engine.Memory.Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_change_can_be_rolled_back_when_its_file_is_gone()
    {
        File.Delete(Path.Combine(_segue.Changes, "0001_note.yaml"));

        (await _segue.RunAsync("rollback", "0001", "--yes")).ShouldBe(0);
    }

    [Fact]
    public async Task Another_runner_is_named_with_the_change_that_it_runs()
    {
        _segue.Engine.Memory["0001_note"] = _segue.Engine.Memory["0001_note"] with { Status = ChangeStatus.Running };
        _segue.Engine.OtherRunner = new LeaseHolder(
            "deploy@build-7",
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch
        );

        (await _segue.RunAsync("rollback", "0001", "--yes")).ShouldBe(5);

        _segue.Error.ShouldContain("another runner is active on this database and runs 0001_note: deploy@build-7");
    }

    [Fact]
    public async Task The_plan_of_a_change_that_has_begun_ends_with_what_can_be_done_now()
    {
        await _segue.RunAsync("plan", "0001");
        _segue.Out.ShouldContain("segue complete 0001_note");
        _segue.Out.ShouldNotContain("segue apply 0001_note");

        await _segue.RunAsync("complete", "0001", "--yes");
        await _segue.RunAsync("plan", "0001");
        _segue.Out.ShouldNotContain("NEXT");
    }

    [Fact]
    public async Task An_apply_names_a_completed_change_whose_file_is_missing()
    {
        await _segue.RunAsync("complete", "0001", "--yes");
        File.Delete(Path.Combine(_segue.Changes, "0001_note.yaml"));

        (await _segue.RunAsync("apply", "0001")).ShouldBe(2);

        _segue.Error.ShouldContain("0001_note: it is completed, and its file does not exist");
    }

    [Fact]
    public async Task A_pause_is_requested_and_cancelled()
    {
        (await _segue.RunAsync("pause", "0001")).ShouldBe(0);
        _segue.Engine.Memory["0001_note"].PauseRequested.ShouldBeTrue();

        (await _segue.RunAsync("resume", "0001")).ShouldBe(0);
        _segue.Engine.Memory["0001_note"].PauseRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task A_change_that_has_not_begun_cannot_be_paused()
    {
        _segue.AddChange("0002_later");

        (await _segue.RunAsync("pause", "0002")).ShouldBe(2);
    }

    [Fact]
    public async Task An_unknown_change_is_bad_input()
    {
        (await _segue.RunAsync("status", "0009")).ShouldBe(2);

        _segue.Error.ShouldContain("there is no change '0009'");
    }

    [Fact]
    public async Task Doctor_exits_1_if_it_finds_an_obstacle()
    {
        _segue.Engine.Diagnoses =
        [
            new Diagnosis("version", Health.Good, "17."),
            new Diagnosis("privileges", Health.Bad, "Not the owner."),
        ];

        (await _segue.RunAsync("doctor", "--output", "json")).ShouldBe(1);

        _segue.Json["diagnoses"]![1]!["health"]!.GetValue<string>().ShouldBe("bad");
    }
}
