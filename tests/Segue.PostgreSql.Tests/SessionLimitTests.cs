using Npgsql;
using Segue.Conformance;
using Segue.Engines;
using Segue.Execution;
using Segue.Ledger;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Inspection;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>How many sessions Segue needs, and what happens where there are fewer.</summary>
public class SessionLimitTests
{
    private const string Filled =
        "operations: [{ add_column: { table: t, name: b, type: text, backfill: a, nullable: false, index: true } }]";

    [Theory, PostgresVersions(14, 18)]
    public async Task Doctor_reports_a_role_with_a_session_limit(int major)
    {
        await using TestDatabase db = await WithTableAsync(major, rows: 1);
        await db.ExecuteAsync($"ALTER ROLE {Role(db)} CONNECTION LIMIT 3");
        await using PostgresEngine engine = new(AsRole(db));

        IReadOnlyList<Diagnosis> found = await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None);

        Diagnosis connections = found.Single(diagnosis => diagnosis.Topic == "connections");
        connections.Health.ShouldBe(Health.Bad);
        connections.Message.ShouldContain("connection limit of the role. Raise it");
    }

    [Theory, PostgresVersions(18)]
    public async Task A_run_uses_no_more_sessions_than_the_doctor_asks_for(int major)
    {
        await using TestDatabase db = await WithTableAsync(major, rows: 60_000);
        int most = 0;
        Task<RunOutcome> run = db.ApplyAsync(Filled);
        while (!run.IsCompleted)
        {
            most = Math.Max(
                most,
                await db.ScalarAsync<int>(
                    "SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'segue' AND "
                        + "datname = current_database()"
                )
            );
            await Task.Delay(2);
        }

        (await run).ShouldBeOfType<RunOutcome.WaitingAtGate>();
        most.ShouldBeInRange(3, Database.SessionsNeeded);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_run_waits_for_a_free_session_as_for_a_lost_connection(int major)
    {
        await using TestDatabase db = await WithTableAsync(major, rows: 30_000);
        string role = Role(db);
        List<string> notes = [];
        bool isCut = false;
        void Record(RunEvent happened)
        {
            if (happened is RunEvent.Note note)
            {
                notes.Add(note.Message);
                // It was told that no session was free; from now on one is.
                db.ExecuteAsync($"ALTER ROLE {role} CONNECTION LIMIT -1").GetAwaiter().GetResult();
            }
            else if (happened is RunEvent.Filled && !isCut)
            {
                isCut = true;
                db.ExecuteAsync(
                        $"ALTER ROLE {role} CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM "
                            + $"pg_stat_activity WHERE usename = '{role}'"
                    )
                    .GetAwaiter()
                    .GetResult();
            }
        }

        await using PostgresEngine engine = new(AsRole(db));
        RunOutcome outcome = await new Runner(
            engine,
            db.Options.ToOptions("test"),
            Record,
            TimeProvider.System
        ).ApplyAsync(
            engine,
            TestDatabase.Read(Filled, "0001_test"),
            db.Planning,
            new ApplyRequest { Origin = new ChangeOrigin(null, null, "test") },
            CancellationToken.None
        );

        outcome.ShouldBeOfType<RunOutcome.WaitingAtGate>(string.Join("\n", notes));
        notes.ShouldContain(note => note.Contains("Trying again"));
        (await db.ScalarAsync<long>("SELECT count(*) FROM t WHERE b IS DISTINCT FROM a")).ShouldBe(0);
    }

    private static async Task<TestDatabase> WithTableAsync(int major, int rows)
    {
        TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        string role = Role(db);
        await db.ExecuteAsync(
            $"""
            DROP ROLE IF EXISTS {role};
            CREATE ROLE {role} LOGIN;
            GRANT CREATE ON DATABASE {db.Name} TO {role};
            GRANT CREATE ON SCHEMA public TO {role};
            CREATE TABLE t (id int PRIMARY KEY, a text);
            INSERT INTO t SELECT n, 'x' FROM generate_series(1, {rows}) n;
            ALTER TABLE t OWNER TO {role};
            ANALYZE t;
            """
        );
        return db;
    }

    private static string Role(TestDatabase db) => $"owner_of_{db.Name}";

    private static string AsRole(TestDatabase db) =>
        new NpgsqlConnectionStringBuilder(db.ConnectionString) { Username = Role(db) }.ConnectionString;
}
