using System.Text.Json.Nodes;
using System.Xml.Linq;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

public sealed class HistoryAndReportTests
{
    [Fact]
    public async Task History_names_who_ran_what_and_finds_an_altered_event()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.Write("type: text");
        (await shop.RunAsync("apply", "--reason", "approved in CR-17")).ShouldExit(0);

        string said = (await shop.RunAsync("history", Workshop.Change, "--verify")).ShouldExit(0).Output;
        said.ShouldContain($"apply by {Environment.UserName}@");
        said.ShouldContain(": approved in CR-17");
        said.ShouldContain("events is unaltered.");

        await shop.Database.ExecuteAsync(
            "ALTER TABLE segue.event DISABLE TRIGGER append_only; UPDATE segue.event SET message = 'x' WHERE id = 2"
        );
        SegueResult broken = await shop.RunAsync("history", "--verify", "--output", "json");
        broken.ShouldExit(1);
        JsonNode.Parse(broken.Output)!["chain"]!["firstBroken"]!.GetValue<long>().ShouldBe(2);
    }

    [Fact]
    public async Task A_report_of_a_change_holds_its_steps_locks_verdict_and_events()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("report", Workshop.Change)).ShouldExit(2).Error.ShouldContain("was not started");
        (await shop.RunAsync("apply")).ShouldExit(0);

        (await shop.RunAsync("report", Workshop.Change, "--file", "r.html")).ShouldExit(0);

        string html = await File.ReadAllTextAsync(Path.Combine(shop.Project.Directory, "r.html"));
        XDocument.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);
        html.ShouldContain($"{Workshop.Change} is waiting");
        html.ShouldContain("fill currency of orders in small batches");
        html.ShouldContain("1,000 rows compared, all right");
        html.ShouldContain($"apply by {Environment.UserName}@");
        html.ShouldContain("ADD COLUMN");
        html.ShouldContain("Not measured");
    }
}
