using Segue.Testing;

namespace Segue.Cli.Tests.EndToEnd;

/// <summary>A role that lacks a right is told which.</summary>
public class RightsTests
{
    [Fact]
    public async Task A_role_that_is_not_the_owner_gets_the_owners_name()
    {
        await using Workshop shop = await WeakAsync("");
        (await shop.RunAsync("apply"))
            .ShouldExit(3)
            .Error.ShouldContain("public.orders belongs to postgres; only its owner may alter it.");
        (await shop.CatalogAsync()).ShouldNotContain("schema segue");
    }

    [Fact]
    public async Task A_role_that_may_not_create_the_ledger_is_sent_to_doctor_which_names_the_grant()
    {
        await using Workshop shop = await WeakAsync(
            "GRANT CREATE ON SCHEMA public TO {0}; ALTER TABLE orders OWNER TO {0}; ALTER TABLE currencies OWNER TO {0}"
        );
        (await shop.RunAsync("apply")).ShouldExit(1).Error.ShouldContain("The doctor lists");
        (await shop.RunAsync("doctor")).ShouldExit(1).Output.ShouldContain("GRANT CREATE ON DATABASE");
        (await shop.CatalogAsync()).ShouldNotContain("schema segue");
    }

    [Fact]
    public async Task A_role_that_may_not_use_the_ledger_gets_its_owners_name()
    {
        await using Workshop shop = await WeakAsync(
            "ALTER TABLE orders OWNER TO {0}; ALTER TABLE currencies OWNER TO {0}"
        );
        await using (PostgreSql.PostgresEngine engine = shop.Database.Engine())
        {
            await engine.Records.Ledger.EnsureAsync(CancellationToken.None);
        }

        (await shop.RunAsync("apply")).ShouldExit(1).Error.ShouldContain("Only the role that owns the ledger");
        string doctor = (await shop.RunAsync("doctor")).ShouldExit(1).Output;
        doctor.ShouldContain("belongs to postgres");
        doctor.Split('\n').Count(line => line.EndsWith(" ledger", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <param name="grants">With {0} for the role.</param>
    private static async Task<Workshop> WeakAsync(string grants)
    {
        Workshop shop = await Workshop.OpenAsync();
        shop.WriteWholeRoad();
        string role = $"clerk_{shop.Database.Name}";
        await shop.Database.ExecuteAsync($"CREATE ROLE {role} LOGIN; {string.Format(grants, role)}");
        shop.Project.Environment["SEGUE_DATABASE"] = shop.Database.Server.Url(shop.Database.Name, role);
        return shop;
    }
}
