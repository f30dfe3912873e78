using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>A plain owner, or a member of the group that owns, needs no more than what is named.</summary>
public class TableRightsTests
{
    [Theory, PostgresVersions(14, 15, 16, 18)]
    public async Task A_member_of_the_owning_group_renames_drops_and_restores_a_table(int major)
    {
        await using TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
        await using OwningGroup group = new(admin);
        (string clerk, string office, TestDatabase db) = (group.Clerk, group.Office, group.Database);
        await admin.ExecuteAsync(
            $"""
            REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE {office};
            CREATE ROLE {clerk} LOGIN IN ROLE {office}; GRANT CREATE ON DATABASE {admin.Name} TO {clerk};
            {Cases.Orders}
            CREATE TABLE lines (order_id bigint REFERENCES orders); ALTER TABLE orders OWNER TO {office};
            ALTER TABLE lines OWNER TO {office}; GRANT SELECT ON lines, orders TO PUBLIC;
            CREATE PUBLICATION changes FOR TABLE lines;
            """
        );

        await RefusedWithoutRightsAsync(admin, group);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(admin);

        (
            await db.ApplyAsync("operations:\n  - rename_table: { table: orders, to: purchases }", change: "0001_test")
        ).ShouldWaitAtGate();
        (await db.RollbackAsync("0001_test")).ShouldBeRolledBack();
        await db.MigrateAsync("operations:\n  - drop_table: { table: lines }", "0002_test");
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();

        (await CatalogDescription.OfAsync(admin)).ShouldBe(before);
        await db.MigrateAsync(
            "operations:\n  - create_table: { table: bills, columns: [{ name: order_id, type: bigint, "
                + "references: { table: orders } }] }",
            "0003_test"
        );
        await db.MigrateAsync("operations:\n  - rename_table: { table: orders, to: purchases }", "0004_test");
        await db.MigrateAsync("operations:\n  - drop_table: { table: bills }", "0005_test");
        (await db.PurgeAsync(now: true, "0005_test")).ShouldBeOfType<RunOutcome.Purged>();
    }

    private static async Task RefusedWithoutRightsAsync(TestDatabase admin, OwningGroup group)
    {
        (string clerk, string office, TestDatabase db) = (group.Clerk, group.Office, group.Database);
        (await WordsAsync("rename_table: { table: orders, to: purchases }")).ShouldBe(
            "rename_table orders: the view of the old name would be created in schema public, where our "
                + $"role may not create objects. `GRANT CREATE ON SCHEMA \"public\" TO \"{clerk}\"`.\nrename_table "
                + $"orders: the view of the old name would belong to {office}, who may not create objects in "
                + $"schema public. `GRANT CREATE ON SCHEMA \"public\" TO \"{office}\"`."
        );
        await admin.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {office}");
        (await WordsAsync("drop_table: { table: lines }")).ShouldBe(
            "drop_table lines: public.lines is published in changes, which belongs to another role. "
                + "Let its owner `ALTER PUBLICATION \"changes\" DROP TABLE \"public\".\"lines\"`."
        );
        await admin.ExecuteAsync($"DROP PUBLICATION changes; REVOKE CREATE ON DATABASE {admin.Name} FROM {clerk}");
        (await WordsAsync("drop_table: { table: lines }")).ShouldBe(
            "drop_table lines: the table is set aside in a schema of its own, and our role may not "
                + $"create one. `GRANT CREATE ON DATABASE \"{admin.Name}\" TO \"{clerk}\"`."
        );
        await admin.ExecuteAsync($"GRANT CREATE ON DATABASE {admin.Name} TO {clerk}");

        async Task<string> WordsAsync(string operation) =>
            Outcomes.Words((await db.ApplyAsync($"operations:\n  - {operation}")).ShouldBeOfType<RunOutcome.Refused>());
    }
}
