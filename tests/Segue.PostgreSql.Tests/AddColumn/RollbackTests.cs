using Npgsql;
using Segue.Conformance;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

[Trait("kind", "add_column")]
public class RollbackTests : ConformanceTests
{
    private static readonly string[] Rich =
    [
        "Everything at once",
        "A derived column with a CHECK and a unique index",
        "Several columns over two tables",
        "An identity column, always with options",
        "A NOT NULL column with no default and a constant backfill",
        "A CHECK over other columns only",
        "A NOT NULL composite column whose fields may be NULL",
        "A table with range partitions and a default one",
        "A table with hash partitions in two levels",
        "A partitioned table with a foreign key and a default",
        "A foreign key to the table itself",
        "Names: Blanks, quotes and a semicolon",
    ];

    public static IEnumerable<object[]> Each => Cases.On(Postgres.Majors, Rich.Select(Cases.Named));

    [Theory, MemberData(nameof(Each))]
    public Task Rollback_leaves_the_catalog_as_before_from_every_stage(int major, string change) =>
        RollsBackFromEveryStageAsync(major, Cases.Named(change));

    [Theory, PostgresVersions]
    public async Task Rollback_keeps_what_apps_wrote_in_every_stage(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        ChangeCase change = Cases.Named("Everything at once");
        await db.ExecuteAsync(change.Setup);
        Plan plan = await db.PlannedAsync(change.File);
        foreach (Stage stage in plan.Stages.SkipLast(1))
        {
            await db.ApplyAsync(change.File, stage.Name);
            await db.ExecuteAsync(
                $"""
                INSERT INTO orders (region, amount, note) VALUES ('eu', 1, '{stage.Name}');
                UPDATE orders SET note = note || ' {stage.Name}', region = CASE id % 2 WHEN 0 THEN 'eu' END
                    WHERE id % 7 = 0;
                DELETE FROM orders WHERE id = {100 + (int)stage.Name};
                """
            );
            string written = await OldShapeAsync(db);
            (await db.RollbackAsync()).ShouldBeRolledBack();
            (await OldShapeAsync(db)).ShouldBe(written, $"{stage.Name}");
        }

        static Task<string> OldShapeAsync(TestDatabase db) =>
            db.ScalarAsync<string>("SELECT string_agg((id, region, amount, note)::text, '|' ORDER BY id) FROM orders");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task Rollback_never_drops_new_dependents_of_the_column(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds("table: orders, name: label, type: text, derive: upper(region)");
        (await db.ApplyAsync(change)).ShouldWaitAtGate();
        await db.ExecuteAsync("CREATE VIEW labels AS SELECT label FROM orders");
        RunOutcome outcome = await db.RollbackAsync();
        outcome.ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("view labels depends on column label");
        (await db.ScalarAsync<long>("SELECT count(*) FROM labels WHERE label IS NOT NULL")).ShouldBe(200);
        await db.ExecuteAsync("DROP VIEW labels");
        (await db.RollbackAsync()).ShouldBeRolledBack();
    }

    /// <summary>Undo only of what was applied.</summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task Rollback_of_a_change_never_begun_keeps_a_foreign_column(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders);
        string change = Cases.Adds("table: orders, name: label, type: text, backfill: upper(region)");
        db.Options = db.Options with { LockWait = TimeSpan.FromMilliseconds(200) };
        await using (NpgsqlConnection reader = await db.OpenAsync())
        await using (NpgsqlTransaction holding = await reader.BeginTransactionAsync())
        {
            await using NpgsqlCommand command = new("LOCK TABLE orders IN ACCESS SHARE MODE", reader);
            await command.ExecuteNonQueryAsync();
            (await db.ApplyAsync(change)).ShouldBeOfType<RunOutcome.LockNotObtained>();
        }

        await db.ExecuteAsync("ALTER TABLE orders ADD COLUMN label text DEFAULT 'by hand'");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders WHERE label = 'by hand'")).ShouldBe(300);
    }
}
