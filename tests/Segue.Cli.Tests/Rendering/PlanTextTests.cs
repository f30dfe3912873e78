using Segue.Cli.Rendering;
using Segue.Planning;

namespace Segue.Cli.Tests.Rendering;

public class PlanTextTests
{
    [Fact]
    public void A_plan_shows_what_runs_what_it_blocks_and_what_comes_next()
    {
        using TestConsole console = new();
        Sheet sheet = new(console.Console);

        new PlanText(sheet).Write(Samples.Plan, "Orders carry their currency");
        new NextText(sheet, new Hints("staging", null)).Write(Samples.Plan);

        Golden.ShouldMatch(console.Text.Replace(PlanJson.Hash(Samples.Plan), "<hash>"), "plan.txt");
    }

    [Fact]
    public void Only_code_is_wider_than_a_terminal_of_80_columns()
    {
        using TestConsole console = new();

        new PlanText(new Sheet(console.Console, columns: 80)).Write(Samples.Plan);

        console
            .Text.Split('\n')
            .Where(line => line.Length > 80 && !line.Contains("hash") && !line.TrimEnd().EndsWith(';'))
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_lock_that_reaches_further_than_its_relation_says_so()
    {
        using TestConsole console = new();
        RelationLock held = new("orders", "total order", Blocks.Writes) { Reach = LockReach.Cluster };
        Step step = Samples.Expand with { Impact = Samples.Expand.Impact with { Locks = [held] } };

        new StepText(new Sheet(console.Console)).Write(step, Limits.Default);

        string text = string.Join(' ', console.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        text.ShouldContain("blocks writes of every table on every server of the cluster, for at most 500 ms");
        StepText.Blocked(step, Limits.Default).ShouldStartWith("blocks writes of every table on every server");
    }

    [Fact]
    public void A_plan_without_a_gate_is_applied_in_one_go()
    {
        using TestConsole console = new();
        Plan plan = Samples.Plan with { Stages = [new Stage(StageName.Expand, [Samples.Expand])], Hazards = [] };

        new NextText(new Sheet(console.Console), new Hints(null, null)).Write(plan);

        console.Text.ShouldContain("segue apply 0007_orders_currency      runs all of it");
        console.Text.ShouldNotContain("segue complete");
    }

    [Fact]
    public void A_database_given_as_an_address_is_not_repeated()
    {
        new Hints("postgres://app:sesame@db/shop", null).Apply("0007").ShouldBe("segue apply 0007 --database ...");
    }
}
