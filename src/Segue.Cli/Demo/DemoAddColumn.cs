using Segue.Lab.Traffic;

namespace Segue.Cli.Demo;

/// <summary>A NOT NULL column with everything that can belong to one.</summary>
internal sealed class DemoAddColumn : DemoChange
{
    public override string Word => "add-column";

    public override string Name => "0001_orders_currency";

    public override string Headline => "A NOT NULL column goes live on a large table while applications use it.";

    public override string Effect =>
        "got a NOT NULL column currency char(3), filled from each row's own data, with a CHECK, a foreign key and an "
        + "index";

    public override string OldApp => "does not use currency";

    public override string NewApp => "uses the column";

    public override string Checked => "the right currency";

    public override IReadOnlyList<(string Field, string Column)> Logged =>
        [("currency", "currency"), ("status", "status")];

    public override string Proof(int orders) =>
        """
            WITH written AS (
                SELECT DISTINCT ON (order_id) order_id, value FROM app_write_log WHERE field = 'currency'
                    ORDER BY order_id, seq DESC),
            compared AS (
                SELECT orders.currency::text AS found, written.value AS written, coalesce(written.value, CASE region
                    WHEN 'us' THEN 'USD' WHEN 'eu' THEN 'EUR' WHEN 'uk' THEN 'GBP' WHEN 'ch' THEN 'CHF' ELSE 'USD' END)
                        AS expected
                FROM orders LEFT JOIN written ON written.order_id = orders.id)
            SELECT count(*), count(*) FILTER (WHERE found IS NULL),
                count(*) FILTER (WHERE found IS DISTINCT FROM expected), count(written) FROM compared
            """;

    public override TrafficApp AppAfter(OrdersWorkload workload, double rate) => workload.NewApp(rate);

    protected override string File =>
        """
            description: Orders carry their currency
            operations:
              - add_column:
                  table: orders
                  name: currency
                  type: char(3)
                  nullable: false
                  backfill: "coalesce(region_currency(region), 'USD')"
                  check: "currency ~ '^[A-Z]{3}$'"
                  references: { table: currencies, column: code }
                  index: true
                  comment: ISO 4217 code

            """;
}
