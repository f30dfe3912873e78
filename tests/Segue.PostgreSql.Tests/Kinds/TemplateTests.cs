using Segue.Changes.Files;
using Segue.Changes.Keys;
using Segue.Engines;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What <c>segue new</c> writes is a change that can be planned where its table exists.</summary>
public sealed class TemplateTests
{
    private const string Tables = """
        CREATE TABLE currencies (code char(3) PRIMARY KEY);
        CREATE TABLE orders (id bigint PRIMARY KEY, number int, currency char(3), region text, total numeric,
            created_at timestamptz DEFAULT now(), during tsrange, email text,
            CONSTRAINT orders_total_check CHECK (total >= 0));
        CREATE INDEX orders_region_idx ON orders (region);
        CREATE TABLE keyless (id bigint, currency bigint);
        CREATE TYPE order_status AS ENUM ('open', 'canceled');
        CREATE DOMAIN email_address AS text;
        CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_2024_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
        CREATE TABLE events_2026_02 (at date NOT NULL);
        """;

    /// <summary>What an example cannot be on this table, by kind.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>> Given = new()
    {
        ["add_column"] = new() { ["name"] = "note" },
        ["add_unique"] = new() { ["columns"] = "[number]" },
        ["add_primary_key"] = new() { ["table"] = "keyless" },
        ["create_table"] = new() { ["table"] = "bills" },
        ["create_index"] = new() { ["columns"] = "[total]" },
        ["create_enum"] = new() { ["name"] = "bill_status" },
        ["create_domain"] = new() { ["name"] = "postcode" },
    };

    [Theory, PostgresVersions(14, 18)]
    public async Task Each_template_can_be_planned(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Tables);

        foreach (var kind in ChangeKind.All)
        {
            string text = ChangeTemplate.Draft(kind, Given.GetValueOrDefault(kind.Name) ?? []);

            PlanOutcome outcome = await db.PlanAsync(text);

            outcome.ShouldBeOfType<PlanOutcome.Planned>($"{kind.Name}: {outcome}\n{text}");
        }
    }
}
