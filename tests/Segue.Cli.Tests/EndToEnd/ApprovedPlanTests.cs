using System.Text.Json.Nodes;
using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>What is approved on staging is what production runs, or nothing does.</summary>
public sealed class ApprovedPlanTests
{
    private static readonly string Wrong = new('0', 64);

    [Theory, PostgresVersions(15, 18)]
    public async Task A_shape_approved_on_staging_is_applied_to_a_table_of_another_size_and_owner(int major)
    {
        await using Workshop staging = await OpenAsync(major, rows: 0);
        staging.Project.Write(
            "segue.yaml",
            "environments: { staging: { database_env: URL, staged: true } }\nlimits: { lock_timeout: 100ms }\n"
        );
        staging.Project.Environment["URL"] = staging.Project.Environment["SEGUE_DATABASE"];
        await using Workshop production = await OpenAsync(major, rows: 20_000);
        await production.Database.ExecuteAsync(
            $"CREATE ROLE {production.Database.Name}_owner; "
                + $"ALTER TABLE orders OWNER TO {production.Database.Name}_owner"
        );
        string plan = (await staging.RunAsync("plan", "--database", "staging", "--output", "json"))
            .ShouldExit(0)
            .Output;
        string shape = JsonNode.Parse(plan)!["shapeHash"]!.ToString();
        production.Project.Write("staging.json", plan);

        string same = (await production.RunAsync("plan", "--against", "staging.json")).ShouldExit(0).Output;
        same.ShouldContain("Both plans have the same shape.");
        same.ShouldContain("Limit lockTimeoutMs: 200 here, 100 there.");
        plan.ShouldNotContain(production.Database.Server.Version);

        (await production.RunAsync("apply", "--shape-hash", shape)).ShouldExit(2);
        SegueResult refused = await production.RunAsync("apply", "0001", "--shape-hash", Wrong);
        refused.ShouldExit(3).Error.ShouldContain($"has the shape {shape}, not the approved {Wrong}.");
        (await ColumnsAsync(production)).ShouldBe(0);

        (await production.RunAsync("apply", "0001", "--shape-hash", shape, "--until", "expand")).ShouldExit(0);
        (await production.RunAsync("apply", "0001", "--shape-hash", Wrong)).ShouldExit(3);
        (await production.RunAsync("apply", "0001", "--shape-hash", shape.ToUpperInvariant())).ShouldExit(0);
        await production.Database.ExecuteAsync("DELETE FROM orders WHERE id > 10; ANALYZE orders");
        (await production.RunAsync("complete", "0001", "--yes")).ShouldExit(0);
        (await production.RunAsync("apply", "0001", "--shape-hash", shape)).ShouldExit(0);
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_table_that_outgrew_the_approved_plan_is_not_changed(int major)
    {
        await using Workshop shop = await OpenAsync(major, rows: 10);
        shop.Project.Write("segue.yaml", "limits: { small_table: 64kB }\n");
        string small = (await shop.RunAsync("plan", "--output", "json")).ShouldExit(0).Output;
        shop.Project.Write("small.json", small);
        await shop.Database.ExecuteAsync(
            "INSERT INTO orders (region, note) SELECT 'eu', repeat('x', 80) FROM generate_series(1, 3000)"
        );

        string shape = JsonNode.Parse(small)!["shapeHash"]!.ToString();
        SegueResult grown = await shop.RunAsync("apply", "0001", "--shape-hash", shape);
        grown.ShouldExit(3).Error.ShouldContain($"not the approved {shape}");
        (await ColumnsAsync(shop)).ShouldBe(0);

        string difference = (await shop.RunAsync("plan", "--against", "small.json")).ShouldExit(3).Output;
        difference.ShouldContain("The shapes differ.");
        difference.ShouldContain("With `staged: true`");
        JsonNode data = JsonNode.Parse(
            (await shop.RunAsync("plan", "--against", "small.json", "--output", "json")).ShouldExit(3).Output
        )!;
        data["shape"]!.AsArray().Count.ShouldBeGreaterThan(1);

        shop.Project.Write("small.json", "{ \"plan\": 7 }");
        SegueResult unreadable = await shop.RunAsync("plan", "--against", "small.json");
        unreadable.ShouldExit(2).Error.ShouldContain("small.json is not a plan");
    }

    private static async Task<Workshop> OpenAsync(int major, int rows)
    {
        Workshop shop = await Workshop.OpenAsync(await Postgres.ServerAsync(major), rows);
        shop.WriteWholeRoad();
        return shop;
    }

    private static Task<long> ColumnsAsync(Workshop shop) =>
        shop.Database.ScalarAsync<long>(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'currency'"
        );
}
