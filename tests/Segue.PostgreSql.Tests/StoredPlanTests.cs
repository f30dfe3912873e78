using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class StoredPlanTests
{
    [Theory, PostgresVersions(18)]
    public async Task A_stored_plan_of_a_newer_format_is_neither_run_nor_rolled_back(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        const string Change = "operations: [{ add_column: { table: t, name: b, type: int, default: '1' } }]";
        await db.ApplyAsync(Change, until: StageName.Expand);
        string newer = (await db.ScalarAsync<string>("SELECT json FROM segue.plan")).Replace(
            $"\"format\":{Plan.NewestFormat}",
            "\"format\":99"
        );
        await db.ExecuteAsync(
            $"UPDATE segue.plan SET json = $json${newer}$json$, hash = '{PlanJson.Hash(newer)}'; UPDATE "
                + $"segue.change SET plan_hash = '{PlanJson.Hash(newer)}', status = 'failed'"
        );

        foreach (RunOutcome outcome in new[] { await db.ApplyAsync(Change), await db.RollbackAsync() })
        {
            outcome
                .ShouldBeOfType<RunOutcome.Refused>($"{outcome}")
                .Problems[0]
                .What.ShouldContain("a newer Segue planned it (plan format 99");
        }
    }
}
