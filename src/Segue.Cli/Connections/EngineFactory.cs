using Segue.Engines;
using Segue.PostgreSql;

namespace Segue.Cli.Connections;

/// <summary>The one place that knows the engines.</summary>
internal static class EngineFactory
{
    public static Task<Result<IEngine>> ConnectAsync(ConnectRequest request, CancellationToken cancel) =>
        Unreachable.GuardAsync(
            request.Target,
            async () =>
            {
                IEngine engine = new PostgresEngine(
                    request.Target.ConnectionString,
                    new PostgresEngineSettings
                    {
                        Standbys = [.. request.Replicas.Select(replica => replica.ConnectionString)],
                        Throttle = request.Throttle,
                    }
                );
                await AnswerAsync(engine, cancel);
                return engine;
            }
        );

    // The first question to the server: an address that is wrong is told of here, in words, before anything is begun.
    private static async Task AnswerAsync(IEngine engine, CancellationToken cancel)
    {
        try
        {
            await engine.Records.Ledger.ExistsAsync(cancel);
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }
}
