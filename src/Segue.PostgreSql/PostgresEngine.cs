using Segue.Engines;
using Segue.PostgreSql.Backfill;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Ledger;
using Segue.PostgreSql.Planning;
using Segue.PostgreSql.Throttling;
using Segue.Settings;
using Segue.Throttling;

namespace Segue.PostgreSql;

/// <summary>Segue for PostgreSQL 14 and newer.</summary>
public sealed class PostgresEngine : IEngine
{
    /// <summary>A run uses up to so many sessions at a time.</summary>
    public const int SessionsOfARun = Database.SessionsNeeded;

    private readonly Database _database;
    private readonly IReadOnlyList<Database> _standbys;
    private readonly PostgresLeases _leases;
    private readonly Batches _batches;

    /// <param name="connectionString">Npgsql's format; other roles' rights are not needed beyond owning the
    /// tables.</param>
    public PostgresEngine(string connectionString, PostgresEngineSettings? settings = null)
    {
        settings ??= new PostgresEngineSettings();
        _database = new Database(connectionString, settings.ApplicationName, settings.Time);
        _standbys =
        [
            .. settings.Standbys.Select(standby => new Database(standby, settings.ApplicationName, settings.Time)),
        ];
        LedgerMark mark = new();
        _leases = new PostgresLeases(_database, mark);
        _batches = new Batches(_database, mark);
        PostgresLedger ledger = new(_database, mark);
        Planner = new PostgresPlanner(_database, ledger);
        Records = new PostgresRecords(ledger, _leases);
        Execution = new PostgresExecution(_database, _standbys, _batches, settings);
        Inspection = new PostgresInspection(_database, _standbys);
    }

    /// <inheritdoc/>
    public string Name => ServerFacts.Engine;

    /// <inheritdoc/>
    public IPlanner Planner { get; }

    /// <inheritdoc/>
    public IRecords Records { get; }

    /// <inheritdoc/>
    public IExecution Execution { get; }

    /// <inheritdoc/>
    public IInspection Inspection { get; }

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _batches.DisposeAsync();
        await _leases.DisposeAsync();
        await _database.DisposeAsync();
        foreach (Database standby in _standbys)
        {
            await standby.DisposeAsync();
        }
    }
}

/// <summary>How the engine connects, and the signals it watches.</summary>
public sealed record PostgresEngineSettings
{
    /// <summary>
    /// Connection strings of standbys. A replayed strong lock blocks their readers, and a backfill waits for their
    /// replay. Default none.
    /// </summary>
    public IReadOnlyList<string> Standbys { get; init; } = [];

    /// <summary>When a fill pauses.</summary>
    public ThrottleSettings Throttle { get; init; } = new();

    /// <summary>Shown in <c>pg_stat_activity</c>. Default <c>segue</c>.</summary>
    public string ApplicationName { get; init; } = "segue";

    /// <summary>The time in which the engine waits and measures. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>For tests, which cannot make a volume small everywhere.</summary>
    internal Func<ServerPlace, Volume> ReadVolume { get; init; } = Volume.Read;
}
