using Segue.Engines;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public sealed class ShapeTests
{
    private const string Change = """
        operations:
          - add_column:
              table: orders
              name: currency
              type: text
              nullable: false
              backfill: "coalesce(region, 'USD')"
              check: "currency <> ''"
              index: true
        """;

    [Theory, PostgresVersions(15, 18)]
    public async Task An_empty_table_planned_as_staged_has_the_shape_of_a_large_one(int major)
    {
        Plan large = await PlanAsync(major, rows: 20_000, new PlanOptions { SmallTableBytes = 0 });
        Plan staged = await PlanAsync(major, rows: 0, new PlanOptions { Staged = true });
        Plan small = await PlanAsync(major, rows: 0, new PlanOptions());
        PlanShape.HashOf(staged).ShouldBe(PlanShape.HashOf(large));
        PlanShape.HashOf(small).ShouldNotBe(PlanShape.HashOf(large));
        PlanDifference.Between(small, large).Shape[0].ShouldContain("`staged: true`");
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task Partitions_and_limits_change_the_plan_but_not_the_shape(int major)
    {
        PlanOptions one = new() { Staged = true };
        PlanOptions other = one with
        {
            Limits = new Limits { LockTimeoutMs = 100, HoldBudgetMs = 300 },
        };
        Plan few = await PlanAsync(major, rows: 10, one, partitions: 2);
        Plan many = await PlanAsync(major, rows: 10, other, partitions: 5);
        PlanShape.HashOf(few).ShouldBe(PlanShape.HashOf(many));
        PlanJson.Hash(few).ShouldNotBe(PlanJson.Hash(many));
        PlanDifference difference = PlanDifference.Between(few, many);
        difference.Shape.ShouldBeEmpty();
        difference.Plan.ShouldContain(sentence => sentence.StartsWith("Partitions only there: "));
        difference.Plan.ShouldContain("Limit lockTimeoutMs: 200 here, 100 there.");
        difference.Plan.ShouldContain(sentence => sentence.StartsWith("Steps that differ in what they run or lock: "));
    }

    [Theory, PostgresVersions(17)]
    public async Task A_plan_difference_caused_by_the_major_version_says_so(int major)
    {
        PlanOptions options = new() { Staged = true };
        Plan older = await PlanAsync(major, rows: 0, options);
        Plan newer = await PlanAsync(18, rows: 0, options);
        string[] shape = [.. PlanDifference.Between(older, newer).Shape];
        shape[0]
            .ShouldBe("The servers' major versions differ: 17 here, 18 there. Another version may need other steps.");
        shape.ShouldContain("Only here: enforce, ddl, metadata, ACCESS EXCLUSIVE on \"public\".\"orders\".");
    }

    private static async Task<Plan> PlanAsync(int major, int rows, PlanOptions options, int partitions = 0)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        string by = partitions == 0 ? "" : "PARTITION BY HASH (id)";
        string leaves = string.Concat(
            Enumerable
                .Range(0, partitions)
                .Select(i =>
                    $"CREATE TABLE orders_{i} PARTITION OF orders "
                    + $"FOR VALUES WITH (MODULUS {partitions}, REMAINDER {i});"
                )
        );
        await db.ExecuteAsync(
            $"""
            CREATE TABLE orders (id bigint NOT NULL, region text) {by}; {leaves}
            INSERT INTO orders SELECT i, 'EUR' FROM generate_series(1, {rows}) AS i;
            """
        );
        db.Planning = options;
        return await db.PlannedAsync(Change);
    }
}
