using Npgsql;
using Segue.Cli.Demo;

namespace Segue.Cli.Tests.Demo;

public sealed class ProofTests
{
    [Fact]
    public async Task Rows_that_are_empty_or_wrong_and_writes_that_are_lost_are_found()
    {
        using DemoHost demo = new();
        Shop shop = await Shop.OpenAsync(demo.Options with { Rows = 1000 }, CancellationToken.None);
        await using var server = shop.Server;
        await shop.FillAsync(CancellationToken.None);
        await using NpgsqlConnection connection = new($"{shop.Workload.ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await RunAsync(
            "ALTER TABLE orders ADD currency char(3); UPDATE orders SET currency = "
                + "coalesce(region_currency(region), 'USD')"
        );
        (await Proof.GatherAsync(DemoChange.Default, shop.Workload, CancellationToken.None)).Holds.ShouldBeTrue();

        await RunAsync(
            "INSERT INTO app_write_log (order_id, field, value) VALUES (7, 'currency', 'SEK'), (8, "
                + "'currency', 'SEK'), (9, 'status', 'odd')"
        );
        await RunAsync(
            "UPDATE orders SET currency = 'SEK' WHERE id IN (8, 10); UPDATE orders SET currency = NULL WHERE id = 11"
        );

        Proof proof = await Proof.GatherAsync(DemoChange.Default, shop.Workload, CancellationToken.None);
        proof.Holds.ShouldBeFalse();
        proof.Empty.ShouldBe(1);
        proof.Wrong.ShouldBe(3);
        proof.Written.ShouldBe(2);
        proof.Lost.Select(write => write.OrderId).ShouldBe([7, 9]);

        async Task RunAsync(string sql)
        {
            await using NpgsqlCommand command = new(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
