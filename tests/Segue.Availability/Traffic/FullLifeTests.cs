using Segue.Availability.Support;
using Segue.Running;
using Segue.Testing;
using Xunit.Abstractions;

namespace Segue.Availability.Traffic;

/// <summary>
/// A column's whole life while apps work: old and new writers and readers, holders of rows, children that refer to
/// them, long reads, a forgotten
/// transaction. Constraints, indexes and triggers never appear in an order that fails an old app's write.
/// </summary>
[Collection(QuietMachine.Name)]
[Trait("machine", "quiet")]
public class FullLifeTests(ITestOutputHelper output)
{
    private const int Orders = 40_000;

    [Theory, PostgresVersions(14, 18)]
    public async Task Adding_a_column_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Shop.Change)).ShouldWaitAtGate();
        shop.Traffic.Mark("gate");
        await shop.DeployAsync();
        (await db.CompleteAsync()).ShouldBeCompleted();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the new app works on");

        output.WriteLine(await shop.CloseAsync());
        (await shop.WrongAsync()).ShouldBeEmpty();
        (
            await db.ColumnAsync(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'orders'::regclass AND NOT convalidated"
            )
        ).ShouldBeEmpty();
        (
            await db.ColumnAsync(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal"
            )
        ).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(17)]
    public async Task Rolling_back_a_column_disturbs_no_app(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Shop.Change)).ShouldWaitAtGate();
        (await db.RollbackAsync()).ShouldBeRolledBack();
        await Until.TrueAsync(() => shop.Traffic.Periods()[^1].Summary.Requests > 50, "the old app works on");

        output.WriteLine(await shop.CloseAsync());
        (await db.HasColumnAsync("currency")).ShouldBeFalse();
    }

    // Constraints and indexes of tables at work, their partners' locks included.
    [Theory, PostgresVersions(16)]
    public async Task Adding_and_dropping_indexes_and_constraints_disturbs_no_app(int major)
    {
        const string Come = """
            operations:
              - create_index: { table: orders, name: orders_amounts, columns: [amount, { expression: lower(region) }],
                  where: id > 0 }
              - add_check: { table: orders, name: orders_amount_sane, check: amount > -1000000 }
              - add_unique: { table: orders, name: orders_pair, columns: [id, customer_id] }
              - add_foreign_key: { table: order_items, name: items_of_order, columns: [order_id],
                  references: { table: orders, on_delete: cascade } }
            """;
        const string Go = """
            operations:
              - rename_index: { index: orders_amounts, to: orders_by_amount }
              - rename_constraint: { table: orders, name: orders_pair, to: orders_both }
              - drop_constraint: { table: order_items, name: items_of_order }
              - drop_constraint: { table: orders, name: orders_amount_sane }
              - alter_column: { table: orders, name: note, nullable: false, backfill: "'of ' || region",
                  default: "'none'", statistics: 50 }
              - alter_column: { table: orders, name: status, nullable: true, default: "'new'", comment: where it is }
            """;
        const string Last = """
            operations:
              - drop_constraint: { table: orders, name: orders_both }
              - drop_index: { index: orders_by_amount }
            """;
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using Shop shop = await Shop.OpenAsync(db, Orders);
        MarkStages(db, shop);

        (await db.ApplyAsync(Come)).ShouldBeCompleted();
        (
            await db.ColumnAsync(
                "SELECT conname FROM pg_constraint WHERE conrelid IN ('orders'::regclass, "
                    + "'order_items'::regclass) AND NOT convalidated"
            )
        ).ShouldBeEmpty();
        (await db.ApplyAsync(Go, change: "0002_test")).ShouldWaitAtGate();
        (await db.CompleteAsync("0002_test")).ShouldBeCompleted();
        (await db.ApplyAsync(Last, change: "0003_test")).ShouldWaitAtGate();
        (await db.CompleteAsync("0003_test")).ShouldBeCompleted();

        output.WriteLine(await shop.CloseAsync());
        (
            await db.ColumnAsync(
                "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR "
                    + "indexrelid::regclass::text LIKE 'orders_%amount%'"
            )
        ).ShouldBeEmpty();
    }

    private static void MarkStages(TestDatabase db, Shop shop) =>
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted stage)
            {
                shop.Traffic.Mark(stage.Stage);
            }
        };
}
