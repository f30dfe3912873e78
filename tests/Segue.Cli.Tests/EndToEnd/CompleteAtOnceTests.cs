using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

public sealed class CompleteAtOnceTests
{
    [Fact]
    public async Task Apply_with_complete_finishes_each_change_and_warns()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        shop.Project.WriteChange(
            "0002_orders_number",
            "operations:\n  - add_column: { table: orders, name: number, type: bigint, derive: id, nullable: false }\n"
        );

        (await shop.RunAsync("apply", "--complete")).ShouldExit(2).Error.ShouldContain("--yes");
        (await shop.RunAsync("apply", "--complete", "--until", "verify", "--yes")).ShouldExit(2);
        SegueResult applied = await shop.RunAsync("apply", "--complete", "--yes");

        applied.ShouldExit(0).Error.ShouldContain("development databases");
        applied.Output.ShouldContain($"{Workshop.Change} is completed");
        applied.Output.ShouldContain("0002_orders_number is completed");
        (await shop.StatusAsync())["status"]!.GetValue<string>().ShouldBe("completed");
    }
}
