using Segue.Engines;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Locks;

/// <summary>
/// Each step's stated locks are the ones the server shows while the step's own statements run, and what they block is
/// what a bystander meets (lock classes and partners' locks are measured, never assumed). A step that is stated as
/// metadata only reads no table.
/// </summary>
public abstract class StatedLocks
{
    protected const string Tables = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY, rank int UNIQUE);
        INSERT INTO currencies VALUES ('USD', 1), ('EUR', 2);
        CREATE TABLE regions (region text PRIMARY KEY, currency char(3) NOT NULL);
        INSERT INTO regions VALUES ('eu', 'EUR'), ('us', 'USD');
        CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, amount numeric(12, 2));
        INSERT INTO orders (region, amount) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, n
            FROM generate_series(1, 3000) n;
        CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id bigint REFERENCES orders);
        ANALYZE orders;
        """;

    protected const string Partitions = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY);
        INSERT INTO currencies VALUES ('USD'), ('EUR');
        CREATE TABLE events (id bigint NOT NULL, region text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (1000);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (1000) TO (3000) PARTITION BY RANGE (id);
        CREATE TABLE events_2a PARTITION OF events_2 FOR VALUES FROM (1000) TO (2000);
        CREATE TABLE events_2b PARTITION OF events_2 DEFAULT;
        INSERT INTO events SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 2900) n;
        ANALYZE events;
        """;

    protected const string More = """
        CREATE TABLE lines (order_id bigint, n int, code char(3));
        INSERT INTO lines SELECT n, n, 'USD' FROM generate_series(1, 3000) n;
        CREATE INDEX lines_n_idx ON lines (n); ALTER TABLE lines ADD CONSTRAINT sane CHECK (n > 0),
            ADD CONSTRAINT coded FOREIGN KEY (code) REFERENCES currencies (code);
        """;

    /// <summary>
    /// Forward step by step to the last one, which is tried only; then every undo, last step first, as a rollback does.
    /// </summary>
    protected static async Task RoadAsync(int major, string tables, string operations, long smallTableBytes = 0)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(tables);
        await using (PostgresEngine engine = db.Engine())
        {
            await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
            await db.ExecuteAsync(
                "INSERT INTO segue.change (name, content_hash, plan_hash, status) VALUES ('0001_test', '', "
                    + "'', 'pending')"
            );
        }

        db.Planning = new PlanOptions { SmallTableBytes = smallTableBytes };
        Plan plan = await db.PlannedAsync("operations:\n" + operations);
        LockProbe probe = new(db, plan);
        List<string> wrong = [];
        foreach (Step step in plan.Steps())
        {
            if (step.Applied is { } done && await db.AnswersAsync(done))
            {
                continue;
            }

            bool isLast = step.Id.StartsWith("contract", StringComparison.Ordinal) && step.Undo.Count == 0;
            Compare(step, await probe.RunAsync(step, commit: !isLast), wrong);
        }

        foreach (Step undo in plan.Steps().Reverse().SelectMany(step => step.Undo))
        {
            if (undo.Applied is { } applied && await db.AnswersAsync(applied))
            {
                continue;
            }

            Compare(undo, await probe.RunAsync(undo, commit: true), wrong);
        }

        foreach (
            Step step in plan.Steps()
                .Where(step => step.Undo.Count > 0 && plan.Steps().Any(other => other.Retains is not null))
        )
        {
            await probe.RunAsync(step, commit: true);
            if (step.Retains is { } kept)
            {
                Compare(kept.Purge, await probe.RunAsync(kept.Purge, commit: true), wrong);
            }
        }

        wrong.ShouldBeEmpty();
    }

    private static void Compare(Step step, ShownLocks shown, List<string> wrong)
    {
        IReadOnlyList<string> stated = LockProbe.Stated(step);
        wrong.AddRange(
            shown.Held.Except(stated).Select(held => $"{step.Id}: the server shows {held}, which is not stated.")
        );
        wrong.AddRange(
            stated.Except(shown.Held).Select(held => $"{step.Id}: stated is {held}, which the server does not show.")
        );
        if (step is DdlStep { Impact.Cost: Cost.Metadata })
        {
            // A constraint that is added without NOT VALID takes the same locks, and holds them for a whole scan.
            wrong.AddRange(
                shown.Scanned.Select(table => $"{step.Id}: stated is no scan, but the rows of {table} are read.")
            );
        }

        if (step is DdlStep { Locks.Count: > 0 })
        {
            // Otherwise the wait for it would count as holding the others.
            wrong.AddRange(
                shown
                    .Held.Except(shown.Asked)
                    .Where(held => !held.EndsWith("Nothing", StringComparison.Ordinal))
                    .Select(held => $"{step.Id}: {held} is not asked for before the first statement.")
            );
        }
    }
}
