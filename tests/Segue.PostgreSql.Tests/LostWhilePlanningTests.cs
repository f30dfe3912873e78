using Segue.Engines;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

/// <summary>
/// A connection that is lost while a change is planned is reported as lost, whatever the planner would have undone
/// next.
/// </summary>
public class LostWhilePlanningTests
{
    // The server ends the session while the planner asks it between a savepoint and the way back to it.
    [Theory, PostgresVersions(14, 18)]
    public async Task A_session_that_ends_between_two_savepoints_is_a_lost_connection(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id int PRIMARY KEY);
            INSERT INTO orders VALUES (1);
            CREATE FUNCTION ended(int) RETURNS text
                LANGUAGE sql STABLE AS 'SELECT pg_terminate_backend(pg_backend_pid())::text';
            """
        );
        await using PostgresEngine engine = new(db.ConnectionString);

        Exception error = (
            await Record.ExceptionAsync(() =>
                db.PlanAsync(Cases.Adds("table: orders, name: code, type: text, backfill: ended(id)"))
            )
        )!;

        engine.Execution.Classify(error).ShouldBe(ErrorClass.ConnectionLost);
        engine.Execution.Describe(error).ShouldContain("connection");
    }
}
