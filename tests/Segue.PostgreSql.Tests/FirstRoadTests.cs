using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class FirstRoadTests
{
    [Theory, PostgresVersions]
    public async Task A_not_null_column_with_every_constraint_passes_every_stage(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE currencies (code char(3) PRIMARY KEY);
            INSERT INTO currencies VALUES ('USD'), ('EUR');
            CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, region text, note text);
            INSERT INTO orders (region, note) SELECT CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, repeat('x', 80)
                FROM generate_series(1, 20000) n;
            ANALYZE orders;
            """
        );
        await db.MigrateAsync(
            """
            operations:
              - add_column:
                  table: orders
                  name: currency
                  type: char(3)
                  nullable: false
                  backfill: "CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
                  check: "currency ~ '^[A-Z]{3}$'"
                  references: { table: currencies, column: code, on_delete: restrict }
                  index: true
                  comment: ISO 4217 code
            """
        );
        (
            await db.ScalarAsync<long>(
                "SELECT count(*) FROM orders WHERE currency = CASE region WHEN 'eu' THEN 'EUR' ELSE 'USD' END"
            )
        ).ShouldBe(20000);
    }

    /// <summary>
    /// Time limits of a role or database are meant for its app's statements; ours have limits of their own.
    /// </summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task Time_limits_of_the_role_do_not_cancel_long_statements(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            """
            CREATE TABLE orders (id bigint PRIMARY KEY, note text);
            INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 3000) n;
            CREATE FUNCTION slow(id bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN PERFORM pg_sleep(0.0005);
                RETURN id; END $$;
            """
        );
        foreach (
            string name in await db.ColumnAsync(
                "SELECT name FROM pg_settings WHERE name IN ('statement_timeout', 'transaction_timeout', "
                    + "'idle_session_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout')"
            )
        )
        {
            await db.ExecuteAsync($"ALTER DATABASE \"{db.Name}\" SET {name} = '300ms'");
        }

        db.Reconnect();
        (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: orders, name: code, type: bigint, derive: slow(id), "
                    + "unique: true }"
            )
        ).ShouldWaitAtGate();
        (await db.CompleteAsync()).ShouldBeCompleted();
    }
}
