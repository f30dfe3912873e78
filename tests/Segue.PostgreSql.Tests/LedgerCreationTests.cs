using Npgsql;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>Several runners may create or upgrade the ledger at the same moment.</summary>
public class LedgerCreationTests
{
    private const int Runners = 4;

    [Theory, PostgresVersions(14, 18)]
    public async Task Runners_that_start_at_once_without_a_ledger_create_it_once(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync($"ALTER DATABASE {db.Name} SET default_transaction_isolation = 'repeatable read'");
        for (int round = 0; round < 8; round++)
        {
            await db.ExecuteAsync("DROP SCHEMA IF EXISTS segue CASCADE");

            await AtOnceAsync(db);

            (await VersionAsync(db)).ShouldBe(LedgerSchema.Version);
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Runners_that_start_at_once_upgrade_an_older_ledger_once(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        string functions = await FunctionsAsync(db);
        for (int older = 1; older < LedgerSchema.Version; older++)
        {
            await db.ExecuteAsync("DROP SCHEMA IF EXISTS segue CASCADE; CREATE SCHEMA segue");
            foreach (string statement in LedgerSchema.Statements.Take(older).SelectMany(statements => statements))
            {
                await db.ExecuteAsync(statement);
            }

            await db.ExecuteAsync($"UPDATE segue.meta SET version = {older}; UPDATE segue.lease SET token = 7");

            await AtOnceAsync(db);

            (await VersionAsync(db)).ShouldBe(LedgerSchema.Version);
            (await db.ScalarAsync<long>("SELECT token FROM segue.lease")).ShouldBe(7);
            (await FunctionsAsync(db)).ShouldBe(functions);
        }
    }

    /// <summary>Each has looked before, so that each session remembers that there was no schema.</summary>
    private static async Task AtOnceAsync(TestDatabase db)
    {
        PostgresEngine[] engines = [.. Enumerable.Range(0, Runners).Select(_ => db.Engine())];
        try
        {
            await using NpgsqlConnection first = await db.OpenAsync();
            await using NpgsqlTransaction creating = await first.BeginTransactionAsync();
            await new NpgsqlCommand(
                $"SELECT pg_advisory_xact_lock({LedgerCreation.CreationLock})",
                first
            ).ExecuteNonQueryAsync();
            Task[] starts = [.. engines.Select(engine => engine.Records.Ledger.EnsureAsync(CancellationToken.None))];
            await Eventually.TrueAsync(
                "all of them wait for their turn",
                async () =>
                    await db.ScalarAsync<long>(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
                            + "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                    ) == Runners
            );
            await creating.RollbackAsync();
            await Task.WhenAll(starts);
        }
        finally
        {
            foreach (PostgresEngine engine in engines)
            {
                await engine.DisposeAsync();
            }
        }
    }

    private static Task<string> FunctionsAsync(TestDatabase db) =>
        db.ScalarAsync<string>(
            "SELECT string_agg(pg_get_functiondef(oid), '' ORDER BY proname) FROM pg_proc WHERE pronamespace = "
                + "'segue'::regnamespace"
        );

    private static Task<int> VersionAsync(TestDatabase db) => db.ScalarAsync<int>("SELECT version FROM segue.meta");
}
