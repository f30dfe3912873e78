using Segue.Ledger;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public sealed class HistoryTests
{
    private const string Change = "operations:\n  - add_column: { table: orders, name: note, type: text }\n";

    [Theory, PostgresVersions(14, 18)]
    public async Task The_chain_of_events_is_checked_without_the_server(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE orders (id int)");
        await db.MigrateAsync(Change);

        IReadOnlyList<LedgerEvent> events = await EventsAsync(db);
        events.ShouldContain(entry => entry.Kind == "run" && entry.Message == "apply by test");
        EventChain.FirstBroken(events).ShouldBeNull();

        await db.ExecuteAsync(
            """
            ALTER TABLE segue.event DISABLE TRIGGER append_only;
            UPDATE segue.event SET message = 'apply by nobody' WHERE kind = 'run'
            """
        );
        EventChain.FirstBroken(await EventsAsync(db)).ShouldNotBeNull().Message.ShouldBe("apply by nobody");
    }

    private static async Task<IReadOnlyList<LedgerEvent>> EventsAsync(TestDatabase db)
    {
        await using PostgresEngine engine = db.Engine();
        return await engine.Records.Ledger.EventsAsync(null, int.MaxValue, CancellationToken.None);
    }
}
