using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// A partition that is attached between plan and run has nothing of what the plan made for the others; the root would
/// make it under its lock, which only a small one allows.
/// </summary>
public class LatePartitionTests
{
    private const string Setup = """
        CREATE TABLE kinds (id int PRIMARY KEY); INSERT INTO kinds VALUES (1), (2);
        CREATE TABLE events (id int NOT NULL, at date NOT NULL, kind int) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
        INSERT INTO events SELECT n, '2026-01-05', 1 FROM generate_series(1, 100) n;
        CREATE TABLE events_2 (id int NOT NULL, at date NOT NULL, kind int);
        INSERT INTO events_2 SELECT n, '2026-02-05', 2 FROM generate_series(1, 40000) n;
        """;

    private const string Attach =
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')";

    [Theory, PostgresVersions(14, 18)]
    public Task A_unique_constraint_is_not_built_under_the_roots_lock(int major) =>
        ShouldBeToldAsync(
            major,
            "add_unique: { table: events, columns: [id, at] }",
            "has no UNIQUE (id, at) of its own",
            "ALTER TABLE events_2 ADD UNIQUE (id, at)"
        );

    [Theory, PostgresVersions(14, 17)]
    public Task A_foreign_key_is_not_checked_under_the_roots_lock(int major) =>
        ShouldBeToldAsync(
            major,
            "add_foreign_key: { table: events, columns: [kind], references: { table: kinds } }",
            "has no foreign key (kind) of its own",
            "ALTER TABLE events_2 ADD CONSTRAINT events_kind_fkey FOREIGN KEY (kind) REFERENCES kinds"
        );

    private static async Task ShouldBeToldAsync(int major, string operation, string what, string remedy)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        string change = $"operations:\n  - {operation}";
        (await db.ApplyAsync(change, StageName.Verify)).ShouldBeOfType<RunOutcome.StoppedAfter>();
        await db.ExecuteAsync(Attach);

        (await db.ApplyAsync(change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain($"a partition of events that was attached after the plan was made {what}");
        await db.ExecuteAsync(remedy);
        (await db.ApplyAsync(change)).ShouldBeCompleted();
    }
}
