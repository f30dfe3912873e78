using Npgsql;
using Segue.Engines;
using Segue.PostgreSql;
using Segue.PostgreSql.Addresses;
using Segue.Projects;
using Segue.Settings;

namespace Segue.Cli.Tests.Connections;

public class UnreachableTests
{
    [Fact]
    public async Task A_missing_socket_is_named()
    {
        PostgresAddress target = new(
            new NpgsqlConnectionStringBuilder("Host=/nowhere;Port=5433;Username=app;Database=shop")
        );

        Result<IEngine> result = await new PostgresProvider().ConnectAsync(
            new ConnectRequest(new PostgresProvider(), target, ThrottleSettings.Default, []),
            CancellationToken.None
        );

        result
            .ShouldBeOfType<Result<IEngine>.Bad>()
            .Failure.Problems[0]
            .What.ShouldBe(
                "cannot reach /nowhere (database shop, user app): there is no socket /nowhere/.s.PGSQL.5433"
            );
    }

    [Fact]
    public async Task An_unreachable_server_is_named_without_the_password()
    {
        // Nothing listens on port 1 (tcpmux).
        PostgresAddress target = new(
            new NpgsqlConnectionStringBuilder("Host=127.0.0.1;Port=1;Username=app;Password=sesame;Database=shop")
        );

        Result<IEngine> result = await new PostgresProvider().ConnectAsync(
            new ConnectRequest(new PostgresProvider(), target, ThrottleSettings.Default, []),
            CancellationToken.None
        );

        Failure failure = result.ShouldBeOfType<Result<IEngine>.Bad>().Failure;
        failure.Kind.ShouldBe(FailureKind.Failed);
        failure.Problems[0].What.ShouldStartWith("cannot reach 127.0.0.1:1 (database shop, user app): ");
        failure.Problems[0].Remedy.ShouldNotBeEmpty();
        $"{failure.Problems[0]}".ShouldNotContain("sesame");
    }
}
