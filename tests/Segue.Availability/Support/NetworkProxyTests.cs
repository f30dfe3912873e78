using Npgsql;
using Segue.Lab.Network;

namespace Segue.Availability.Support;

public class NetworkProxyTests
{
    [Fact]
    public async Task A_stopped_server_closes_each_connection()
    {
        await using NetworkProxy proxy = new("Host=127.0.0.1;Port=1;Username=nobody");
        for (int client = 0; client < 2; client++)
        {
            await using NpgsqlConnection connection = new(proxy.ConnectionString);

            NpgsqlException error = await Should.ThrowAsync<NpgsqlException>(() => connection.OpenAsync());

            error.InnerException.ShouldNotBeOfType<TimeoutException>();
        }
    }
}
