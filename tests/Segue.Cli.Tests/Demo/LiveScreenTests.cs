using Segue.Cli.Demo;
using Segue.Cli.Rendering;
using Segue.Lab.Traffic;
using Segue.Running;

namespace Segue.Cli.Tests.Demo;

public sealed class LiveScreenTests
{
    [Fact]
    public async Task The_screen_shows_parts_stages_and_traffic_from_top_to_bottom()
    {
        using TestConsole console = new(width: 80);
        RunJournal journal = new(DemoChange.Default.Name, ["expand", "backfill"], TimeProvider.System);
        LiveScreen screen = new(journal, console.Console, TimeProvider.System);
        await using TrafficRun traffic = await TrafficRun.StartAsync([]);

        screen.Begin("Getting PostgreSQL");
        screen.End("PostgreSQL 17.1");
        screen.Watch(new TrafficWatch(traffic));
        screen.Say("shop-v1 at work");
        screen.Show(new RunEvent.StageStarted("expand"));
        screen.Begin("Checking every row");
        console.Console.Write(screen.View());

        string[] seen =
        [
            "PostgreSQL 17.1",
            DemoChange.Default.Name,
            "expand",
            "backfill",
            "Checking every row",
            "traffic",
            "shop-v1 at work",
        ];
        int[] places = [.. seen.Select(text => console.Text.IndexOf(text, StringComparison.Ordinal))];
        places.ShouldAllBe(place => place >= 0);
        places.ShouldBe(places.Order());
        console.Text.ShouldNotContain("Getting");
    }

    [Fact]
    public void An_empty_screen_has_more_than_one_line()
    {
        using TestConsole console = new(width: 80);
        LiveScreen screen = new(
            new RunJournal(DemoChange.Default.Name, [], TimeProvider.System),
            console.Console,
            TimeProvider.System
        );

        screen.Begin("Getting PostgreSQL");
        console.Console.Write(screen.View());

        console.Text.Split('\n').Length.ShouldBeGreaterThan(2);
    }
}
