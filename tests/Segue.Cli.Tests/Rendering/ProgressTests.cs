using Segue.Cli.Rendering;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.Planning;
using Segue.Running;
using Spectre.Console;

namespace Segue.Cli.Tests.Rendering;

public class ProgressTests
{
    private readonly ManualTime _time = new();

    private readonly Blocker _blocker = new()
    {
        Session = "pid 4711",
        User = "report",
        Application = "report-job",
        State = "idle in transaction",
        TransactionAge = TimeSpan.FromMinutes(12),
        Relation = "public.orders",
        Remedy = "SELECT pg_terminate_backend(4711)",
    };

    [Fact]
    public async Task Progress_without_a_terminal_is_a_line_for_each_step_and_one_at_intervals()
    {
        using TestConsole console = new();
        LineProgress progress = new(Journal(), new Sheet(console.Console), _time);

        await progress.FollowAsync(() =>
        {
            Play(progress.Show);
            return Task.FromResult<RunOutcome>(new RunOutcome.Completed());
        });

        Golden.ShouldMatch(console.Text, "progress-lines.txt");
    }

    [Fact]
    public void A_terminal_shows_the_stages_and_the_current_step()
    {
        using TestConsole console = new(width: 80);
        LiveProgress progress = new(Journal(), console.Console, _time);

        Play(happened =>
        {
            progress.Show(happened);
            if (
                happened
                is RunEvent.Blocked
                    or RunEvent.Filled
                    or RunEvent.Throttled { Reason: not null }
                    or RunEvent.Verified
                    or RunEvent.StepFound
            )
            {
                console.Console.Write(progress.View());
                console.Console.WriteLine();
            }
        });

        Golden.ShouldMatch(console.Text, "progress-live.txt");
    }

    [Fact]
    public void A_step_found_done_after_a_lost_connection_is_reported_once()
    {
        RunJournal journal = Journal();
        Step step = Samples.Expand;
        journal.Record(new RunEvent.StageStarted("expand"));
        journal.Record(new RunEvent.StepEnded(step, TimeSpan.FromSeconds(1), null, null));
        journal.Record(new RunEvent.StageStarted("expand"));

        journal.Record(new RunEvent.StepFound(step));

        journal.Stages.SelectMany(stage => stage.Steps).ShouldHaveSingleItem().Took.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_stopped_run_shows_where_it_stopped()
    {
        RunJournal journal = Journal();
        journal.Record(new RunEvent.StageStarted("backfill"));

        journal.End(wentWell: false);

        journal
            .Stages.Select(stage => stage.State)
            .ShouldBe([StageState.Done, StageState.Stopped, StageState.Pending, StageState.Pending]);
    }

    [Fact]
    public void A_query_cannot_send_escape_sequences_to_the_terminal()
    {
        using TestConsole console = new();
        LineProgress progress = new(Journal(), new Sheet(console.Console), _time);

        progress.Show(
            new RunEvent.Blocked(Samples.Expand, [_blocker with { Query = "SELECT '\u001b]0;owned\u0007'" }])
        );

        console.Text.ShouldContain("owned");
        console.Text.ShouldNotContain('\u001b');
    }

    [Fact]
    public void The_share_of_progress_equals_the_share_of_rows_while_a_group_of_ranges_is_filled()
    {
        BackfillProgress begun = Filled(0) with { Rows = 60_000, UnitsDone = 0, UnitsPerGroup = 1000 };
        ProgressWords.Share(begun).ShouldBe(0.03);

        // The estimate was too low: the ranges know better.
        ProgressWords.Share(begun with { Rows = 1_900_000 }).ShouldBe(0.05);
        // Most rows need nothing.
        ProgressWords.Share(Filled(4) with { Rows = 10 }).ShouldBe(0.8);
    }

    private RunJournal Journal() => new("0007_orders_currency", ["expand", "backfill", "verify", "contract"], _time);

    private void Play(Action<RunEvent> show)
    {
        show(new RunEvent.StageStarted("expand"));
        show(new RunEvent.StepStarted(Samples.Expand));
        show(new RunEvent.Blocked(Samples.Expand, [_blocker]));
        _time.Advance(TimeSpan.FromSeconds(1));
        show(new RunEvent.Blocked(Samples.Expand, [_blocker]));
        show(
            new RunEvent.StepEnded(
                Samples.Expand,
                TimeSpan.FromSeconds(1),
                TimeSpan.FromMilliseconds(2),
                TimeSpan.FromMilliseconds(4)
            )
        );
        show(new RunEvent.StageStarted("backfill"));
        show(new RunEvent.StepStarted(Samples.Backfill));
        for (int part = 1; part <= 4; part++)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            show(new RunEvent.Filled(Filled(part)));
        }

        show(new RunEvent.Throttled("replica-1 is 12 s behind (limit 5 s)"));
        _time.Advance(TimeSpan.FromSeconds(9));
        show(new RunEvent.Throttled(null));
        show(new RunEvent.Note("The connection was lost. Trying again in 200 ms."));
        show(new RunEvent.StepEnded(Samples.Backfill, TimeSpan.FromSeconds(21), null, null));
        show(new RunEvent.StageStarted("verify"));
        show(new RunEvent.StepStarted(Samples.Verify));
        show(new RunEvent.Verified("public.orders", 1000, 0));
        show(
            new RunEvent.VerdictReached(
                new Verdict([new Finding("currency is filled", "public.orders", 2_000_000, 0, [], "")])
            )
        );
        show(new RunEvent.StepEnded(Samples.Verify, TimeSpan.FromMilliseconds(700), null, null));
        show(new RunEvent.StageStarted("contract"));
        show(new RunEvent.StepFound(Samples.Contract));
    }

    private static BackfillProgress Filled(int part) =>
        new()
        {
            Relation = "public.orders",
            Rows = 400_000 * part,
            RowsTotal = 2_000_000,
            UnitsDone = 4000 * part,
            UnitsTotal = 20_000,
            UnitsSkipped = part == 4 ? 3 : 0,
            RowsPerSecond = 118_000,
            Eta = TimeSpan.FromSeconds(14 - (3 * part)),
            LastBatch = TimeSpan.FromMilliseconds(48),
            UnitsPerGroup = 1000,
        };
}
