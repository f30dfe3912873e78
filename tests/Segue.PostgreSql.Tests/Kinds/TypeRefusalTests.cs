using Segue.Execution;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done to a type, or not safely, is said before anything is changed.</summary>
public class TypeRefusalTests
{
    private const string Setup = Cases.Orders +
        """
        CREATE TYPE status AS ENUM ('open', 'paid');
        CREATE TABLE sales (id int PRIMARY KEY, status status DEFAULT 'open'); INSERT INTO sales VALUES (1);
        CREATE FUNCTION is_open(s status) RETURNS boolean LANGUAGE sql AS $$ SELECT s = 'open' $$;
        """;

    private static readonly (string Operation, Type Outcome, string What)[] Mistakes =
    [
        ("create_enum: { name: status, labels: [a] }", typeof(RunOutcome.Invalid), "create_enum status: type \"status\" already exists. Choose another name, or other labels."),
        ("create_enum: { name: orders, labels: [a] }", typeof(RunOutcome.Invalid), "create_enum orders: type \"orders\" already exists."),
        ("create_enum: { name: nowhere.mood, labels: [a] }", typeof(RunOutcome.Invalid), "create_enum nowhere.mood: there is no schema nowhere in database"),
        ("add_enum_value: { type: nothing, value: a }", typeof(RunOutcome.Invalid), "add_enum_value nothing.a: there is no type nothing on the search path (public)."),
        ("add_enum_value: { type: text, value: a }", typeof(RunOutcome.Invalid), "pg_catalog.text is no enum type."),
        ("add_enum_value: { type: status, value: paid }", typeof(RunOutcome.Invalid), ": value: public.status has the label paid already"),
        ("add_enum_value: { type: status, value: a }\n  - add_enum_value: { type: status, value: a }", typeof(RunOutcome.Invalid), "or this change adds it twice"),
        ("add_enum_value: { type: status, value: a, after: Open }", typeof(RunOutcome.Invalid), ": after: public.status has no label Open. It has open, paid."),
        ("add_enum_value: { type: status, value: sent }\n  - add_column: { table: sales, name: s, type: status, default: \"'sent'\" }", typeof(RunOutcome.Invalid), "unsafe use of new value \"sent\" of enum type status"),
        ("rename_enum_value: { type: status, from: nothing, to: a }", typeof(RunOutcome.Invalid), ": from: public.status has no label nothing."),
        ("rename_enum_value: { type: status, from: open, to: paid }", typeof(RunOutcome.Invalid), ": to: public.status has a label paid already."),
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

    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_that_somebody_uses_or_has_altered_is_not_dropped_by_a_rollback(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        IReadOnlyList<string> before = await DescribedAsync(db);
        const string Change = "operations:\n  - create_enum: { name: mood, labels: [sad, ok] }\n  - rename_enum_value: { type: status, from: open, to: new }";
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE sales ADD moods mood[]");

        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("the enum \"public\".\"mood\" is used by something that this change did not make");
        await db.ExecuteAsync("ALTER TABLE sales DROP moods; ALTER TYPE mood RENAME VALUE 'sad' TO 'down'");
        (await db.RollbackAsync()).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("or is not as it was made here");
        await db.ExecuteAsync("ALTER TYPE mood RENAME VALUE 'down' TO 'sad'");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await DescribedAsync(db)).Except(before).Where(line => !line.Contains("sales")).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task Somebody_elses_type_of_the_planned_name_is_not_taken_for_it(int major)
    {
        const string Change = "operations:\n  - create_enum: { name: mood, labels: [sad, ok] }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted)
            {
                db.ExecuteAsync("CREATE TYPE mood AS ENUM ('ok', 'sad')").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Change)).ShouldBeOfType<RunOutcome.Failed>().Message.ShouldContain("exists and does not belong to this change");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT enum_range(NULL::mood)::text")).ShouldBe(["{ok,sad}"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_rename_of_a_label_says_what_it_breaks_and_what_names_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        string told = (await db.PlannedAsync("operations:\n  - rename_enum_value: { type: status, from: open, to: new }")).Hazards.ShouldHaveSingleItem().Message;

        told.ShouldContain("At no moment does status have both labels");
        told.ShouldContain("These functions have open in their text: is_open(status).");
    }

    private static async Task<IReadOnlyList<string>> DescribedAsync(TestDatabase db)
    {
        await using Npgsql.NpgsqlConnection connection = await db.OpenAsync();
        return await CatalogDescription.OfAsync(connection);
    }
}
