using System.Text.Json.Nodes;
using Segue.Execution;
using Segue.Planning;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>
/// Plans up to format 3 asked the ledger's tables themselves, and wrote into them. Stored ones still run, forward and
/// back.
/// </summary>
public class OlderStoredPlanTests
{
    private const string Setup = "CREATE TABLE bills (id int PRIMARY KEY); INSERT INTO bills VALUES (1)";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_stored_plan_of_format_3_keeps_restores_and_purges_a_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        const string Drop = "operations:\n  - drop_table: { table: bills }";
        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await StoreAsFormat3Async(db, "0001_test");

        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.ColumnAsync("SELECT what FROM segue.retained WHERE until > now() + interval '6 days'")).ShouldBe([
            "public.bills",
        ]);
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT what FROM segue.retained")).ShouldBeEmpty();
        (await db.ScalarAsync<long>("SELECT count(*) FROM bills")).ShouldBe(1);

        (await db.ApplyAsync(Drop)).ShouldWaitAtGate();
        await StoreAsFormat3Async(db, "0001_test");
        (await db.CompleteAsync()).ShouldBeCompleted();
        (await db.PurgeAsync(now: true)).ShouldBeOfType<RunOutcome.Purged>();
        (await db.ColumnAsync("SELECT what FROM segue.retained WHERE purged_at IS NOT NULL")).ShouldBe([
            "public.bills",
        ]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_stored_plan_of_format_3_is_not_rolled_back_before_a_change_that_uses_its_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        const string Create = """
            operations:
              - create_table:
                  { table: lines, columns: [{ name: id, type: int }, { name: bill, type: int,
                    references: { table: bills } }] }
            """;
        await db.ApplyAsync(Create, until: StageName.Expand);
        await StoreAsFormat3Async(db, "0001_test");
        (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: lines, name: note, type: text, derive: id::text }",
                change: "0002_test"
            )
        ).ShouldWaitAtGate();

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("0002_test is in progress on \"public\".\"lines\", and uses it by that name.");
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();
        (await db.ApplyAsync(Create)).ShouldBeCompleted();
    }

    /// <summary>As the version before stored it.</summary>
    private static async Task StoreAsFormat3Async(TestDatabase db, string change)
    {
        JsonObject plan = JsonNode
            .Parse(
                await db.ScalarAsync<string>(
                    "SELECT json FROM segue.plan JOIN segue.change ON name = change AND plan_hash = hash "
                        + $"WHERE name = '{change}'"
                )
            )!
            .AsObject();
        plan["format"] = 3;
        foreach (JsonNode? stage in plan["stages"]!.AsArray())
        {
            foreach (JsonNode? step in stage!["steps"]!.AsArray())
            {
                MakeOlder(step!.AsObject(), change);
            }
        }

        string json = plan.ToJsonString();
        string hash = PlanJson.Hash(json);
        await db.ExecuteAsync(
            $"INSERT INTO segue.plan (change, hash, json) VALUES ('{change}', '{hash}', $json${json}$json$) "
                + "ON CONFLICT DO NOTHING; "
                + $"UPDATE segue.change SET plan_hash = '{hash}' WHERE name = '{change}'"
        );
    }

    private static void MakeOlder(JsonObject step, string change)
    {
        string row = $"change = '{change}' AND step = '{step["id"]}'";
        if (step["retains"] is JsonObject kept)
        {
            Append(
                step,
                "INSERT INTO segue.retained (change, step, what, relation, until) VALUES ("
                    + $"'{change}', '{step["id"]}', '{kept["what"]}', '{kept["relation"]}', "
                    + $"clock_timestamp() + interval '{kept["seconds"]} seconds')"
            );
            Append(step["undo"]![0]!, $"DELETE FROM segue.retained WHERE {row}");
            Append(kept["purge"]!, $"UPDATE segue.retained SET purged_at = clock_timestamp() WHERE {row}");
        }

        if (step.Remove("countsOnlyIfRecorded"))
        {
            step["applied"] =
                $"SELECT EXISTS (SELECT FROM segue.step WHERE change = '{change}' AND id = '{step["id"]}' "
                + $"AND lock_wait_ms IS NOT NULL) AND ({step["applied"]})";
        }

        if (step["blockedBy"] is JsonObject blocked)
        {
            string relation = blocked["relation"]!.ToString();
            step["blockedBy"] = new JsonObject
            {
                ["changes"] = $"""
                    SELECT c.name FROM segue.change c JOIN segue.plan p ON p.change = c.name AND p.hash = c.plan_hash
                    WHERE c.status NOT IN ('completed', 'rolled_back') AND c.name <> '{change}'
                      AND EXISTS (SELECT FROM jsonb_path_query(p.json::jsonb, '$.**.relation') AS known
                          WHERE known {"#>> '{}'"} IN ('{relation}')) ORDER BY 1
                    """,
                ["what"] = $"is in progress on {relation}, and uses it by that name",
            };
        }
    }

    private static void Append(JsonNode step, string statement) => step["statements"]!.AsArray().Add(statement);
}
