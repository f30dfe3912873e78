using Segue.Engines;
using Segue.PostgreSql.Addresses;
using Segue.PostgreSql.Catalog;
using Segue.Projects;

namespace Segue.PostgreSql;

/// <summary>
/// PostgreSQL's addresses (<c>postgres://</c> URLs as libpq reads them, and Npgsql's connection strings) and the
/// connection to them.
/// </summary>
public sealed class PostgresProvider : IEngineProvider
{
    /// <inheritdoc/>
    public string Name => ServerFacts.Engine;

    /// <inheritdoc/>
    public string Example => "postgres://user@host:5432/database";

    /// <inheritdoc/>
    public bool Recognises(string address) =>
        DatabaseUrl.IsOne(address)
        || (!address.Contains("://", StringComparison.Ordinal) && AdoConnectionString.IsOne(address));

    /// <inheritdoc/>
    public AddressParse Parse(string address, Func<string, string?> variable) =>
        DatabaseUrl.IsOne(address) ? DatabaseUrl.Parse(address, variable) : AdoConnectionString.Parse(address);

    /// <inheritdoc/>
    public Task<Result<IEngine>> ConnectAsync(ConnectRequest request, CancellationToken cancel)
    {
        PostgresAddress address = (PostgresAddress)request.Address;
        return Unreachable.GuardAsync(
            address,
            async () =>
            {
                IEngine engine = new PostgresEngine(
                    address.ConnectionString,
                    new PostgresEngineSettings
                    {
                        Standbys = [.. request.Replicas.Cast<PostgresAddress>().Select(one => one.ConnectionString)],
                        Throttle = request.Throttle,
                        Time = request.Time,
                    }
                );
                await AnswerAsync(engine, cancel);
                return engine;
            }
        );
    }

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
