using Npgsql;
using Segue.Engines;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql.Backfill;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Execution;
using Segue.PostgreSql.Explaining;
using Segue.PostgreSql.Inspection;
using Segue.PostgreSql.Ledger;
using Segue.PostgreSql.Planning;
using Segue.PostgreSql.Throttling;
using Segue.PostgreSql.Verification;
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
    private readonly PostgresEngineSettings _settings;
    private readonly PostgresLeases _leases;
    private readonly Batches _batches;

    /// <param name="connectionString">Npgsql's format; other roles' rights are not needed beyond owning the
    /// tables.</param>
    public PostgresEngine(string connectionString, PostgresEngineSettings? settings = null)
    {
        _settings = settings ?? new PostgresEngineSettings();
        _database = new Database(connectionString, _settings.ApplicationName);
        _standbys = [.. _settings.Standbys.Select(standby => new Database(standby, _settings.ApplicationName))];
        LedgerMark mark = new();
        _leases = new PostgresLeases(_database, mark);
        _batches = new Batches(_database, mark);
        Planner = new PostgresPlanner(_database);
        Ledger = new PostgresLedger(_database, mark);
        Questions = new CatalogQuestions(_database);
        Ddl = new DdlAttempts(_database, new Blockers(_database, _standbys));
        Online = new OnlineStatements(_database);
        Verifier = new Verifier(_database, _batches);
        Doctor = new Doctor(_database, _standbys);
        Statements = new StatementProbe(_database);
        Confirmation = new Confirmation(_database);
        Replicas = new NamedReplicas(_database, _standbys);
    }

    public string Name => ServerFacts.Engine;

    public IPlanner Planner { get; }

    public ILedger Ledger { get; }

    public ILeases Leases => _leases;

    public ICatalogQuestions Questions { get; }

    public IDdlAttempts Ddl { get; }

    public IOnlineStatements Online { get; }

    public IBatches Batches => _batches;

    public IVerifier Verifier { get; }

    public IDoctor Doctor { get; }

    public IStatementProbe Statements { get; }

    public IConfirmation Confirmation { get; }

    public IReplicas Replicas { get; }

    public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) =>
        [
            new ReplicaLag(_database, _standbys, _settings.Throttle),
            new LockWaiters(_database, relations, _settings.Throttle),
            .. Room(relations),
            Activity,
        ];

    public ISignal Activity => new AppActivity(_database);

    public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) =>
        [
            new DiskSpace(_database, relations, _settings.Throttle, _settings.ReadVolume),
            new WalBudget(_database, _settings.Throttle, _settings.ReadVolume),
        ];

    public string Script(Plan plan) => PlanScript.Render(plan);

    public ErrorClass Classify(Exception error) => Errors.Classify(error);

    public string Describe(Exception error) =>
        error is NpgsqlException and not (PostgresException or StandbyException)
            ? $"{_database.Host}, database {_database.Name}: {Errors.Describe(error)}"
            : Errors.Describe(error);

    public Task ResetAsync()
    {
        _database.Clear();
        return Task.CompletedTask;
    }

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

/// <summary>How the engine connects and what it listens to.</summary>
public sealed record PostgresEngineSettings
{
    /// <summary>
    /// Connection strings of standbys, whose readers also feel a strong lock when it is replayed, and which a backfill
    /// must not leave behind. Default none.
    /// </summary>
    public IReadOnlyList<string> Standbys { get; init; } = [];

    public ThrottleSettings Throttle { get; init; } = new();

    /// <summary>Shown in <c>pg_stat_activity</c>. Default <c>segue</c>.</summary>
    public string ApplicationName { get; init; } = "segue";

    /// <summary>For tests, which cannot make a volume small everywhere.</summary>
    internal Func<ServerPlace, Volume> ReadVolume { get; init; } = Volume.Read;
}
