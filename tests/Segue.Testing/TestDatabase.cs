using Npgsql;
using Segue.Changes;
using Segue.Changes.Files;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Lab.Servers;
using Segue.Ledger;
using Segue.Planning;
using Segue.PostgreSql;
using Segue.PostgreSql.Connections;
using Segue.Projects;
using Segue.Running;
using Segue.Settings;

namespace Segue.Testing;

/// <summary>One database, and Segue at work on it.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly IdleEngines _engines = new();
    private readonly RunEvents _events;

    static TestDatabase() => RememberedTypes.Register();

    public TestDatabase(PostgresServer server, string name, string connectionString)
    {
        Server = server;
        Name = name;
        ConnectionString = connectionString;
        _source = NpgsqlDataSource.Create(connectionString);
        _events = new RunEvents(Record);
    }

    public PostgresServer Server { get; }

    public string Name { get; }

    public string ConnectionString { get; }

    /// <summary>Staged roads even for small tables, and short waits.</summary>
    public PlanOptions Planning { get; set; } = new() { SmallTableBytes = 0 };

    public RunLimits Options { get; set; } =
        new()
        {
            LockWait = TimeSpan.FromSeconds(30),
            Reconnect = TimeSpan.FromSeconds(30),
            QuietFor = TimeSpan.Zero,
        };

    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How the engine that applies, completes and rolls back is set up.</summary>
    public PostgresEngineSettings EngineSettings { get; set; } = new();

    /// <summary>Called for each event while the runner waits: what it does is done before the runner goes on.</summary>
    public Action<RunEvent>? Happened { get; set; }

    public List<RunEvent> Events { get; } = [];

    /// <summary>The events of one kind so far, also while a run goes on.</summary>
    public IReadOnlyList<T> EventsOf<T>()
        where T : RunEvent
    {
        lock (Events)
        {
            return [.. Events.OfType<T>()];
        }
    }

    /// <summary>
    /// The next statement runs in a new session, of the test and of Segue alike: settings of a role or database count
    /// from then on.
    /// </summary>
    public void Reconnect()
    {
        _source.Clear();
        _engines.Clear();
    }

    public async Task<NpgsqlConnection> OpenAsync() => await _source.OpenConnectionAsync();

    /// <summary>Runs SQL as one simple query: several statements may be in it.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using NpgsqlCommand command = _source.CreateCommand(sql);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using NpgsqlCommand command = _source.CreateCommand(sql);
        command.CommandTimeout = 120;
        object? value = await command.ExecuteScalarAsync();
        return value is null or DBNull ? default! : (T)value;
    }

    /// <summary>Asks a query of a plan as a run does.</summary>
    public Task<bool> AnswersAsync(string query) =>
        _engines.UseAsync(
            Engine,
            EngineSettings,
            engine => engine.Execution.Questions.AskAsync(query, CancellationToken.None)
        );

    public async Task<IReadOnlyList<string>> ColumnAsync(string sql)
    {
        await using NpgsqlCommand command = _source.CreateCommand(sql);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<string> values = [];
        while (await reader.ReadAsync())
        {
            values.Add(
                reader.IsDBNull(0)
                    ? "NULL"
                    : Convert.ToString(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture)!
            );
        }

        return values;
    }

    /// <summary>Applies a change written as YAML, as far as its gate.</summary>
    public Task<RunOutcome> ApplyAsync(
        string yaml,
        StageName? until = null,
        string change = "0001_test",
        string? approved = null,
        string? shape = null,
        CancellationToken cancel = default
    ) =>
        WithTargetAsync(async target =>
        {
            await target.RepairLedgerAsync(cancel);
            return await (await target.PlanAsync(Read(yaml, change), cancel)).Match(
                shown =>
                    target.ApplyAsync(
                        shown,
                        new ApplyRequest
                        {
                            Until = until,
                            MayStage = true,
                            ApprovedHash = approved,
                            ApprovedShape = shape,
                            Origin = new ChangeOrigin(null, null, "test"),
                        },
                        events: _events,
                        cancel: cancel
                    ),
                failure => Task.FromResult(ShownPlans.OutcomeOf(failure))
            );
        });

    public Task<RunOutcome> CompleteAsync(string change = "0001_test", CancellationToken cancel = default) =>
        WithTargetAsync(target => target.CompleteAsync(change, events: _events, cancel: cancel));

    public Task<RunOutcome> CompleteAsync(CompleteRequest request, Actor? actor = null, string change = "0001_test") =>
        WithTargetAsync(target => target.CompleteAsync(change, request, actor, _events));

    public Task<RunOutcome> RollbackAsync(string change = "0001_test") =>
        WithTargetAsync(target => target.RollbackAsync(change, events: _events));

    public Task<RunOutcome> PurgeAsync(bool now, string change = "0001_test") =>
        WithTargetAsync(target => target.PurgeAsync(change, now, events: _events));

    /// <summary>Uses the database as a program does.</summary>
    public Task<T> WithTargetAsync<T>(Func<SegueTarget, Task<T>> use) =>
        _engines.UseAsync(Engine, EngineSettings, engine => use(Target(engine)));

    private SegueTarget Target(PostgresEngine engine) =>
        new(
            Segue
                .Projects.SegueProject.Open(
                    Path.GetTempPath(),
                    settings => settings with { Plan = Planning, Run = Options }
                )
                .OrThrow(),
            engine,
            options: new TargetOptions { Runner = "test", LeaseTime = LeaseTime }
        );

    public Task<PlanOutcome> PlanAsync(string yaml, string change = "0001_test")
    {
        return _engines.UseAsync(
            Engine,
            EngineSettings,
            engine => engine.Planner.PlanAsync(Read(yaml, change), Planning, CancellationToken.None)
        );
    }

    /// <summary>The plan; fails when there is none.</summary>
    public async Task<Plan> PlannedAsync(string yaml, string change = "0001_test") =>
        await PlanAsync(yaml, change) switch
        {
            PlanOutcome.Planned planned => planned.Plan,
            PlanOutcome.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Problems)),
            PlanOutcome.Refused refused => throw new InvalidOperationException(string.Join('\n', refused.Problems)),
            _ => throw new InvalidOperationException(),
        };

    /// <summary>Applies and completes; fails with the reason when either ends in another way.</summary>
    public async Task MigrateAsync(string yaml, string change = "0001_test")
    {
        RunOutcome applied = await ApplyAsync(yaml, change: change);
        if (applied is RunOutcome.WaitingAtGate)
        {
            applied = await CompleteAsync(change);
        }

        applied.ShouldBeCompleted();
    }

    public Task<ChangeRecord?> FindAsync(string change = "0001_test")
    {
        return _engines.UseAsync(
            Engine,
            EngineSettings,
            engine => engine.Records.Ledger.FindAsync(change, CancellationToken.None)
        );
    }

    /// <summary>A new engine, with sessions of its own, for the test to dispose of.</summary>
    public PostgresEngine Engine(PostgresEngineSettings? settings = null) => new(ConnectionString, settings);

    public static Change Read(string yaml, string change) =>
        ChangeFileReader.ReadText($"{change}.yaml", yaml) switch
        {
            ChangeFileResult.Read read => read.Change,
            ChangeFileResult.Invalid invalid => throw new InvalidOperationException(string.Join('\n', invalid.Errors)),
            _ => throw new InvalidOperationException(),
        };

    public async ValueTask DisposeAsync()
    {
        await _engines.DisposeAsync();
        await _source.DisposeAsync();
        NpgsqlConnection.ClearPool(new NpgsqlConnection(ConnectionString));
        if (Server.PostmasterPid is not null)
        {
            await Server.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        }
    }

    private void Record(RunEvent happened)
    {
        lock (Events)
        {
            Events.Add(happened);
        }

        Happened?.Invoke(happened);
    }
}
