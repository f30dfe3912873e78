using Npgsql;
using Segue.Engines;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Execution;
using Segue.PostgreSql.Throttling;
using Segue.PostgreSql.Verification;

namespace Segue.PostgreSql;

internal sealed class PostgresExecution(
    Database database,
    IReadOnlyList<Database> standbys,
    Backfill.Batches batches,
    PostgresEngineSettings settings
) : IExecution
{
    public ICatalogQuestions Questions { get; } = new CatalogQuestions(database);

    public IDdlAttempts Ddl { get; } = new DdlAttempts(database, new Blockers(database, standbys));

    public IOnlineStatements Online { get; } = new OnlineStatements(database);

    public IRanges Ranges { get; } = new Backfill.BlockRanges(database);

    public IBatches Batches => batches;

    public IVerifier Verifier { get; } = new Verifier(database);

    public IConfirmation Confirmation { get; } = new Confirmation(database);

    public IReplicas Replicas { get; } = new NamedReplicas(database, standbys);

    public IReadOnlyList<ISignal> Signals(IReadOnlyList<string> relations) =>
        [
            new ReplicaLag(database, standbys, settings.Throttle),
            new LockWaiters(database, relations, settings.Throttle),
            .. Room(relations),
            Activity,
        ];

    public ISignal Activity => new AppActivity(database);

    public IReadOnlyList<ISignal> Room(IReadOnlyList<string> relations) =>
        [
            new DiskSpace(database, relations, settings.Throttle, settings.ReadVolume),
            new WalBudget(database, settings.Throttle, settings.ReadVolume),
        ];

    public ErrorClass Classify(Exception error) => Errors.Classify(error);

    public string Describe(Exception error) =>
        error is NpgsqlException and not (PostgresException or StandbyException)
            ? $"{database.Host}, database {database.Name}: {Errors.Describe(error)}"
            : Errors.Describe(error);

    public Task ResetAsync()
    {
        database.Clear();
        return Task.CompletedTask;
    }
}
