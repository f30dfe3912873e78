using Segue.Availability.Support;
using Segue.Lab.Traffic;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// A table that is read and written all the time, and one change after the other on it; what waits at a gate is taken
/// back once, applied again and completed.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class EveryKindTests(ITestOutputHelper output)
{
    private static readonly string[] Operations =
    [
        "alter_column: { table: visits, name: kind, nullable: false, backfill: \"'none'\", default: "
            + "\"'none'\", comment: c, statistics: 50, storage: main }",
        "alter_column: { table: visits, name: code, type: varchar(40) }",
        "add_check: { table: visits, name: sane, check: amount < 1000000 }",
        "add_unique: { table: visits, name: pairs, columns: [id, amount] }",
        "add_foreign_key: { table: visits, name: of_place, columns: [place], references: { table: places "
            + "}, repair: { place: \"1\" } }",
        "rename_constraint: { table: visits, name: old_check, to: older_check }",
        "create_index: { table: visits, name: by_amount, columns: [amount, { expression: lower(note) }] }",
        "rename_index: { index: by_place, to: by_places }",
        "reindex: { index: by_code }",
        "replace_index: { index: by_code, by: { columns: [code, id] } }",
        "set_options: { table: visits, set: { fillfactor: 80, autovacuum_vacuum_scale_factor: 0.05 } }",
        "backfill: { table: visits, set: { amount: \"abs(amount)\" } }",
        "prune: { table: visits, where: id > 30000, archive: old_visits }",
        "sql: { up: \"CREATE STATISTICS together ON kind, code FROM visits\", down: DROP STATISTICS "
            + "together, effect: [{ table: visits, lock: share update exclusive }] }",
        "create_table: { table: remarks, columns: [{ name: visit, type: bigint, references: { table: visits } }] }",
        "drop_index: { index: by_amounts_once }",
        "drop_constraint: { table: visits, name: going }",
        "rename_column: { table: visits, name: place, to: spot }",
        "drop_column: { table: visits, name: kind }",
        "rename_table: { table: places, to: sites }",
    ];

    /// <summary>All on the newest server, each on two of the others.</summary>
    private static IEnumerable<string> OperationsOn(int major) =>
        Operations.Where((_, n) => major == 18 || (n + major / 2) % 2 == 0);

    [Theory, PostgresVersions(OneByTurns = true)]
    public async Task No_kind_disturbs_apps(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE places (id int PRIMARY KEY); INSERT INTO places SELECT generate_series(1, 10);
            CREATE TABLE visits (id bigint PRIMARY KEY, note text, kind text, code varchar(20), amount int, place int,
                CONSTRAINT old_check CHECK (id > 0), CONSTRAINT going CHECK (id < 10000000));
            INSERT INTO visits SELECT n, 'x', CASE WHEN n % 2 = 0 THEN 'k' END, 'c' || n, CASE WHEN n % 5 = 0 THEN -n
                ELSE n END, n % 11 FROM generate_series(1, 40000) n;
            CREATE INDEX by_place ON visits (place); CREATE INDEX by_code ON visits (code);
            CREATE INDEX by_amounts_once ON visits (amount); CREATE TABLE old_visits (LIKE visits);
            """
        );
        await db.ExecuteAsync("VACUUM ANALYZE visits");
        await using TrafficRun apps = await Bystanders.OfAsync(db.ConnectionString, "visits");
        foreach ((int n, string operation) in OperationsOn(major).Index())
        {
            string change = $"{n:D4}_{operation[..operation.IndexOf(':')]}";
            string yaml = $"operations:\n  - {operation}";
            if (await db.ApplyAsync(yaml, change: change) is Execution.RunOutcome.WaitingAtGate)
            {
                (await db.RollbackAsync(change)).ShouldBeRolledBack();
                await db.MigrateAsync(yaml, change);
            }

            (await db.FindAsync(change))!.Status.ShouldBe(Ledger.ChangeStatus.Completed, operation);
        }

        output.WriteLine(await apps.ShouldHaveNoticedNothingAsync());
        string hold = major == 18 ? "amount > 0 AND id <= 30000" : "true";
        (
            await db.ScalarAsync<long>(
                $"SELECT (SELECT count(*) FROM visits WHERE {hold}) + (SELECT count(*) FROM old_visits "
                    + "WHERE id > 30000)"
            )
        ).ShouldBe(40000);
        (await db.ColumnAsync("SELECT conname FROM pg_constraint WHERE NOT convalidated")).ShouldBeEmpty();
        (await db.ColumnAsync("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")).ShouldBeEmpty();
    }
}
