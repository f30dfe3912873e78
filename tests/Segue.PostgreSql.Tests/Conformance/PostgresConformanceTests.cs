using Segue.Conformance;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Conformance;

public sealed class PostgresLeaseTests() : LeaseConformance(new PostgresHarness());

public sealed class PostgresLedgerTests() : LedgerConformance(new PostgresHarness());

public sealed class PostgresRetentionTests() : RetentionConformance(new PostgresHarness());

public sealed class PostgresDdlTests() : DdlConformance(new PostgresHarness());

public sealed class PostgresOnlineTests() : OnlineConformance(new PostgresHarness());

public sealed class PostgresBatchTests() : BatchConformance(new PostgresHarness());

public sealed class PostgresVerifierTests() : VerifierConformance(new PostgresHarness());

public sealed class PostgresSignalTests() : SignalConformance(new PostgresHarness());

/// <summary>Every call of every kind: <c>Segue.Availability/Crash</c>.</summary>
public sealed class PostgresCrashTests() : CrashConformance(new PostgresHarness(isHurried: true), every: 29);

public sealed class PostgresPortableKindTests : KindConformance
{
    protected override IDialect Dialect { get; } = new PostgresDialect();

    protected override async Task RunAsync(Func<IConformanceDatabase, Task> test)
    {
        await using PostgresConformanceDatabase database = new(await Postgres.DatabaseAsync(Postgres.Majors[^1]));
        await test(database);
    }
}
