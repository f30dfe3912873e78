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
    }

    [Fact]
    public async Task A_change_can_be_rolled_back_when_its_file_is_gone()
    {
        File.Delete(Path.Combine(_segue.Changes, "0001_note.yaml"));

        (await _segue.RunAsync("rollback", "0001", "--yes")).ShouldBe(0);
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
