using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Operations that cannot be done: each is told as expected, and all of them together change nothing.
/// </summary>
internal static class Mistakes
{
    public static async Task ShouldBeToldAsync(
        int major,
        string setup,
        IReadOnlyList<(string Operation, Type Outcome, string What)> mistakes
    )
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(setup);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        List<string> wrong = [];
        foreach ((int n, (string operation, Type expected, string what)) in mistakes.Index())
        {
            string change = $"{n:0000}_test";
            RunOutcome outcome = await db.ApplyAsync($"operations:\n  - {operation}", change: change);
            for (int again = 0; again < 10 && Outcomes.Words(outcome).Contains("Plan again when the server"); again++)
            {
                outcome = await db.ApplyAsync($"operations:\n  - {operation}", change: change);
            }

            if (outcome.GetType() != expected || !Outcomes.Words(outcome).Contains(what))
            {
                wrong.Add(
                    $"{operation}\n  is {outcome.GetType().Name}: {Outcomes.Words(outcome)}\n  not "
                        + $"{expected.Name}: {what}"
                );
            }

            if (outcome is RunOutcome.Failed)
            {
                await db.RollbackAsync(change);
            }
        }

        string.Join('\n', wrong).ShouldBeEmpty();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);
    }
}
