using Segue.Execution;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done to a table, or not safely, is said before anything is changed.</summary>
public class TableKindRefusalTests
{
    private const string Setup = Cases.Orders +
        """
        CREATE TABLE slim (id int) WITH (fillfactor = 90);
        CREATE TABLE parts (id int NOT NULL, n int) PARTITION BY RANGE (id);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
        CREATE VIEW a_view AS SELECT 1 AS one;
        """;

    private static readonly (string Operation, Type Outcome, string What)[] Mistakes =
    [
        ("set_options: { table: nowhere, set: { fillfactor: 80 } }", typeof(RunOutcome.Invalid), "set_options nowhere: there is no table nowhere in database"),
        ("set_options: { table: a_view, comment: x }", typeof(RunOutcome.Refused), "public.a_view is a view. Name a table."),
        ("set_options: { table: orders, set: { fullfactor: 80 } }", typeof(RunOutcome.Invalid), "set_options orders: set: unrecognized parameter \"fullfactor\""),
        ("set_options: { table: orders, set: { fillfactor: 800 } }", typeof(RunOutcome.Invalid), "value 800 out of bounds for option \"fillfactor\""),
        ("set_options: { table: orders, set: { \"x) --\": 80 } }", typeof(RunOutcome.Invalid), "\"x) --\" is no storage parameter."),
        ("set_options: { table: orders, reset: [fillfactor] }", typeof(RunOutcome.Invalid), ": reset: fillfactor is not set on public.orders. Nothing is."),
        ("set_options: { table: slim, set: { toast.autovacuum_enabled: 'off' } }", typeof(RunOutcome.Invalid), "slim has no TOAST table that could take toast.autovacuum_enabled"),
        ("set_options: { table: parts, set: { fillfactor: 80 } }", typeof(RunOutcome.Refused), "parts is partitioned: it has no storage of its own. Name its partitions, each in an operation of its own, e.g. parts_1."),
        ("set_options: { table: slim, comment: a }\n  - set_options: { table: slim, comment: b }", typeof(RunOutcome.Invalid), "is about this table as well"),
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task What_does_not_go_is_told_in_words_and_changes_nothing(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        IReadOnlyList<string> before = await DescribedAsync(db);
        List<string> wrong = [];
        foreach (((string operation, Type expected, string what), int n) in Mistakes.Select((mistake, n) => (mistake, n)))
        {
            RunOutcome outcome = await db.ApplyAsync($"operations:\n  - {operation}", change: $"{n:0000}_test");
            if (outcome.GetType() != expected || !Outcomes.Words(outcome).Contains(what))
            {
                wrong.Add($"{operation}\n  is {outcome.GetType().Name}: {Outcomes.Words(outcome)}\n  not {expected.Name}: {what}");
            }

            if (outcome is RunOutcome.Failed)
            {
                await db.RollbackAsync($"{n:0000}_test");
            }
        }

        string.Join('\n', wrong).ShouldBeEmpty();
        (await DescribedAsync(db)).ShouldBe(before);
    }

    [Theory, PostgresVersions(15)]
    public async Task An_option_that_was_set_to_something_else_meanwhile_is_not_overwritten_by_a_rollback(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync("operations:\n  - set_options: { table: slim, set: { fillfactor: 80 } }\n  - drop_constraint: { table: orders, name: orders_pkey }")).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE slim SET (fillfactor = 60)");

        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("an option of public.slim is not as it was made here");
        await db.ExecuteAsync("ALTER TABLE slim SET (fillfactor = 80)");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT reloptions::text FROM pg_class WHERE relname = 'slim'")).ShouldBe(["{fillfactor=90}"]);
    }

    private static async Task<IReadOnlyList<string>> DescribedAsync(TestDatabase db)
    {
        await using Npgsql.NpgsqlConnection connection = await db.OpenAsync();
        return await CatalogDescription.OfAsync(connection);
    }
}
