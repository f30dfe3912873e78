using Npgsql;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Planning;

public class PlanScriptTests
{
    [Theory, PostgresVersions(15, 18)]
    public async Task A_role_without_a_search_path_gets_a_script_that_the_server_takes(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Cases.Orders + $"ALTER DATABASE {db.Name} SET search_path = ''");
        NpgsqlConnection.ClearAllPools();
        await using PostgresEngine engine = db.Engine();
        Plan plan = await db.PlannedAsync(
            Cases.Adds(
                "table: public.orders, name: note_length, type: int, nullable: false, derive: "
                    + "\"coalesce(length(note), 0)\""
            )
        );
        await engine.Records.Ledger.EnsureAsync(CancellationToken.None);

        plan.SearchPath.ShouldBeEmpty();
        string expand = string.Join(
            '\n',
            engine
                .Inspection.Script(plan)
                .Split('\n')
                .SkipWhile(line => line != "BEGIN;")
                .TakeWhile(line => line != "COMMIT;")
                .Append("ROLLBACK;")
        );
        expand.ShouldContain("SET LOCAL search_path = '';");
        await db.ExecuteAsync(expand);
    }
}
