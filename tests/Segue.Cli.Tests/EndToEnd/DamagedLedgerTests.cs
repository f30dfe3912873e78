namespace Segue.Cli.Tests.EndToEnd;

public sealed class DamagedLedgerTests
{
    [Fact]
    public async Task Apply_and_complete_repair_a_ledger_that_lacks_tables_and_continue()
    {
        await using Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        (await shop.RunAsync("apply", "--until", "expand")).ShouldExit(0);

        await shop.Database.ExecuteAsync("DROP TABLE segue.change CASCADE; DROP TABLE segue.lease");
        (await shop.RunAsync("apply", "0001")).ShouldExit(0);

        await shop.Database.ExecuteAsync("DROP TABLE segue.change CASCADE");
        (await shop.RunAsync("complete", "0001", "--yes")).ShouldExit(0);
        (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM orders WHERE currency IS NULL")).ShouldBe(0);
    }
}
