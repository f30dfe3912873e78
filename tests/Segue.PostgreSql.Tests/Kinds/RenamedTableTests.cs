using Npgsql;
using Segue.Execution;
using Segue.Planning;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>
/// Between rename and gate old code goes through a view and must not notice; what it cannot do is said beforehand.
/// </summary>
[Trait("kind", "rename_table")]
public class RenamedTableTests
{
    private const string Rename = "operations:\n  - rename_table: { table: orders, to: purchases }";

    private const string Setup =
        Cases.Orders
        + """
            ALTER TABLE orders ADD made timestamptz NOT NULL DEFAULT now(), ADD kind text DEFAULT 'it''s plain',
                ADD twice int GENERATED ALWAYS AS (amount * 2) STORED;
            CREATE TABLE lines (order_id bigint REFERENCES orders ON DELETE CASCADE, n int);
            CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE o orders%ROWTYPE;
                BEGIN SELECT * INTO o FROM orders LIMIT 1; RETURN (SELECT count(*) FROM orders WHERE id = o.id); END $$;
            CREATE FUNCTION per_order() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT note
                FROM orders GROUP BY id; END $$;

            """;

    private static readonly string[] OldCode =
    [
        "SELECT id, region, amount, note, made, twice FROM orders WHERE id = 1",
        "SELECT * FROM orders ORDER BY id LIMIT 3",
        "WITH whole AS (SELECT o FROM orders o LIMIT 1) SELECT o::text FROM whole",
        "SELECT count(*) FROM orders o JOIN lines l ON l.order_id = o.id",
        "SELECT id FROM orders WHERE id < 5 FOR UPDATE",
        "SELECT id FROM orders WHERE id < 5 FOR NO KEY UPDATE SKIP LOCKED",
        "SELECT id FROM orders o WHERE id < 5 FOR KEY SHARE OF o NOWAIT",
        "INSERT INTO orders (region, amount) VALUES ('eu', 7) RETURNING id, made, twice",
        "INSERT INTO orders (id, region, amount, note) OVERRIDING SYSTEM VALUE VALUES (100000, 'us', 1, "
            + "NULL), (100001, 'us', 1, NULL) RETURNING *",
        "INSERT INTO orders (id, region, amount, made) VALUES (DEFAULT, 'eu', 3, DEFAULT), (DEFAULT, 'us', "
            + "4, DEFAULT) RETURNING id, made",
        "INSERT INTO orders (region, amount, note) SELECT region, amount, note FROM orders WHERE id < 4",
        "INSERT INTO orders (id, amount) OVERRIDING SYSTEM VALUE VALUES (1, 1) ON CONFLICT (id) DO UPDATE "
            + "SET amount = excluded.amount + orders.amount WHERE orders.id = excluded.id RETURNING orders.amount",
        "INSERT INTO orders (id, amount) OVERRIDING SYSTEM VALUE VALUES (1, 1) ON CONFLICT DO NOTHING",
        "UPDATE orders SET amount = amount + 1, made = DEFAULT WHERE id = 2 RETURNING orders.*",
        "WITH changed AS (UPDATE orders SET kind = DEFAULT WHERE id = 2 RETURNING kind) SELECT 1 / (kind = "
            + "'it''s plain')::int FROM changed",
        "UPDATE orders o SET note = l.n::text FROM lines l WHERE l.order_id = o.id",
        "UPDATE orders SET (region, note) = (SELECT 'eu', 'x') WHERE id = 3",
        "INSERT INTO lines VALUES (4, 1), (5, 2)",
        "DELETE FROM orders o USING lines l WHERE l.order_id = o.id RETURNING o.id",
        "DELETE FROM orders WHERE id = 100001",
        "WITH gone AS (DELETE FROM orders WHERE id = 100000 RETURNING *) INSERT INTO orders (region, "
            + "amount) SELECT region, amount FROM gone",
        "LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE",
        "SELECT counted()",
        "SELECT nextval('orders_id_seq')",
        "COPY (SELECT * FROM orders LIMIT 0) TO STDOUT",
    ];

    private static readonly string[] NotThroughAView =
    [
        "COPY orders (amount) FROM STDIN",
        "TRUNCATE orders CASCADE",
        "SELECT o.id, o.note, count(l.n) FROM orders o LEFT JOIN lines l ON l.order_id = o.id GROUP BY o.id",
        "INSERT INTO orders (id, amount) OVERRIDING SYSTEM VALUE VALUES (1, 1) ON CONFLICT ON CONSTRAINT "
            + "orders_pkey DO NOTHING",
        "SELECT ctid FROM orders",
        "SELECT xmin FROM orders",
        "SELECT id FROM orders TABLESAMPLE system (10)",
        "SELECT currval(pg_get_serial_sequence('orders', 'id')) + 1 / (CASE WHEN "
            + "pg_get_serial_sequence('orders', 'id') IS NULL THEN 0 ELSE 1 END)",
        "ALTER TABLE orders ADD COLUMN x int",
        "CREATE INDEX ON orders (note)",
        "CREATE TABLE t (id bigint REFERENCES orders)",
    ];

    [Theory, PostgresVersions(14, 18)]
    public async Task A_trigger_that_reads_the_tables_name_is_reported_before_a_rename(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            Setup
                + """
                CREATE FUNCTION asks() RETURNS trigger
                    LANGUAGE plpgsql AS $$ BEGIN IF tg_table_name = 'orders' THEN NEW.note := 'asked'; END IF;
                    RETURN NEW; END $$;
                CREATE TRIGGER asks BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION asks();
                """
        );

        (await db.PlannedAsync(Rename))
            .Hazards.Single(hazard => hazard.Code == "name-in-triggers")
            .Message.ShouldContain("asks()");
    }

    [Theory, PostgresVersions]
    public async Task Old_code_keeps_working_and_exceptions_are_reported(int major)
    {
        const string Merge =
            "MERGE INTO orders o USING (VALUES (1, 5), (-1, 6)) AS s (id, amount) ON o.id = s.id WHEN "
            + "MATCHED THEN UPDATE SET amount = s.amount WHEN NOT MATCHED THEN INSERT (amount) VALUES "
            + "(s.amount)";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await using NpgsqlConnection session = await db.OpenAsync();
        string[] prepared = [.. OldCode.Where(statement => statement[..4] is "SELE" or "INSE" or "UPDA" or "DELE")];
        foreach ((int n, string statement) in prepared.Index())
        {
            await ExecuteAsync(session, $"PREPARE s{n} AS {statement}");
        }

        Plan plan = await db.PlannedAsync(Rename);
        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();

        List<string> wrong = [];
        foreach (
            string statement in (string[])
                [
                    .. prepared.Index().Select(each => $"EXECUTE s{each.Index}"),
                    .. OldCode,
                    .. major >= 17 ? [Merge] : Array.Empty<string>(),
                ]
        )
        {
            await TryAsync(session, statement, error => wrong.Add($"{statement}: {error}"));
        }

        wrong.ShouldBeEmpty();
        foreach (
            string statement in (string[])[.. NotThroughAView, .. major is 15 or 16 ? [Merge] : Array.Empty<string>()]
        )
        {
            string? failed = null;
            await TryAsync(session, statement, error => failed = error);
            failed.ShouldNotBeNull(statement);
        }

        plan.Hazards.Single(hazard => hazard.Code == "view-limits")
            .Message.Contains("MERGE INTO", StringComparison.Ordinal)
            .ShouldBe(major < 17);
        string grouped = plan.Hazards.Single(hazard => hazard.Code == "group-by-key").Message;
        grouped.ShouldStartWith(
            "Until the change is completed a SELECT of old code with GROUP BY id that also returns, or orders by, "
                + "other columns of orders fails"
        );
        grouped.ShouldEndWith(" These functions have GROUP BY and orders in their text: per_order().");
        plan.Hazards.Single(hazard => hazard.Code == "name-in-functions").Message.ShouldContain("counted()");
        (await db.CompleteAsync()).ShouldBeCompleted();
        await TryAsync(session, "SELECT id FROM purchases", error => wrong.Add(error));
        wrong.ShouldBeEmpty();
    }

    /// <summary>Views bypass row security on 14, and have no grants.</summary>
    [Theory, PostgresVersions]
    public async Task The_view_of_a_renamed_table_grants_the_tables_rights(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        (string clerk, string reader, string owner) = ($"clerk_{db.Name}", $"reader_{db.Name}", $"owner_{db.Name}");
        await db.ExecuteAsync(
            $"""
            CREATE ROLE {clerk}; CREATE ROLE {reader}; CREATE ROLE {owner};
            GRANT CREATE, USAGE ON SCHEMA public TO {owner}; GRANT USAGE ON SCHEMA public TO {clerk}, {reader};
            {Cases.Orders}
            ALTER TABLE orders ADD kind text DEFAULT 'plain'; ALTER TABLE orders OWNER TO {owner};
            GRANT SELECT, DELETE ON orders TO {clerk} WITH GRANT OPTION;
            GRANT UPDATE (note, region), INSERT (amount, region) ON orders TO {clerk};
            GRANT SELECT (id, note) ON orders TO {reader};
            ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {reader};
            {(
                major >= 15
                    ? $"CREATE POLICY own ON orders USING (region = 'eu' OR current_user <> '{clerk}'); "
                        + "ALTER TABLE orders ENABLE ROW LEVEL SECURITY;"
                    : ""
            )}
            """
        );
        try
        {
            IReadOnlyList<string> before = await RightsAsync(db, clerk, reader, owner);
            long seen = await SeenAsync(db, clerk);
            (await db.ApplyAsync(Rename)).ShouldWaitAtGate();

            (await RightsAsync(db, clerk, reader, owner)).ShouldBe(before);
            (await SeenAsync(db, clerk)).ShouldBe(seen);
            (
                await db.ScalarAsync<string>(
                    "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 'orders'"
                )
            ).ShouldBe(owner);
            await using NpgsqlConnection session = await db.OpenAsync();
            await ExecuteAsync(
                session,
                $"SET ROLE {clerk}; UPDATE orders SET note = 'n' WHERE id = 3; DELETE FROM orders WHERE id "
                    + "= 6; INSERT INTO orders (amount, region) VALUES (5, 'eu'); RESET ROLE"
            );
            (await db.RollbackAsync()).ShouldBeRolledBack();
        }
        finally
        {
            await db.ExecuteAsync(
                $"DROP OWNED BY {clerk}, {reader}, {owner} CASCADE; ALTER DEFAULT PRIVILEGES REVOKE ALL ON "
                    + $"TABLES FROM {reader}"
            );
            await db.ExecuteAsync($"DROP ROLE {clerk}; DROP ROLE {reader}; DROP ROLE {owner}");
        }
    }

    private static async Task<long> SeenAsync(TestDatabase db, string clerk)
    {
        await using NpgsqlConnection session = await db.OpenAsync();
        await ExecuteAsync(session, $"SET ROLE {clerk}");
        await using NpgsqlCommand count = new("SELECT count(*) FROM orders", session);
        long seen = (long)(await count.ExecuteScalarAsync())!;
        await ExecuteAsync(session, "RESET ROLE");
        return seen;
    }

    private static Task<IReadOnlyList<string>> RightsAsync(
        TestDatabase db,
        string clerk,
        string reader,
        string owner
    ) =>
        db.ColumnAsync(
            $"""
            SELECT concat_ws(' ', r, p, has_table_privilege(r, 'orders', p),
                has_table_privilege(r, 'orders', p || ' WITH GRANT OPTION'))
                FROM unnest(ARRAY['{clerk}', '{reader}', '{owner}']) r,
                unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
            UNION ALL SELECT concat_ws(' ', r, p, a, has_column_privilege(r, 'orders', a, p))
                FROM unnest(ARRAY['{clerk}', '{reader}']) r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) p,
                unnest(ARRAY['id', 'region', 'amount', 'note']) a ORDER BY 1
            """
        );

    [Theory, PostgresVersions(15, 18)]
    public async Task Rollback_keeps_dependents_of_the_view_and_altered_views(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        await db.ExecuteAsync("CREATE VIEW report AS SELECT id FROM orders");

        Outcomes
            .Words(await db.CompleteAsync())
            .ShouldContain(
                "public.orders is not the view that this change created, or an object was created that depends on it"
            );
        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain(
                "an object was created that depends on the view. Restore them, or drop the dependent "
                    + "object. Then roll back again."
            );
        await db.ExecuteAsync("DROP VIEW report; ALTER TABLE purchases RENAME TO elsewhere");
        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldContain("public.purchases and the view orders are not as this change created them");
        await db.ExecuteAsync("ALTER TABLE elsewhere RENAME TO purchases; DROP VIEW orders");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await CatalogDescription.OfAsync(db)).ShouldBe(before);

        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        await db.ExecuteAsync("DROP VIEW orders; CREATE TABLE orders (id int)");
        (await db.CompleteAsync()).ShouldBeOfType<RunOutcome.Refused>();
        (await db.ScalarAsync<bool>("SELECT to_regclass('orders') IS NOT NULL")).ShouldBeTrue();
    }

    [Theory, PostgresVersions(15, 18)]
    public async Task A_name_taken_after_planning_is_reported_before_the_change_begins(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StageStarted { Stage: "expand" })
            {
                db.ExecuteAsync("CREATE TABLE purchases (id int)").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Rename))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("after the change was planned, public got an object named purchases");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(300);
        (await db.ScalarAsync<long>("SELECT count(*) FROM purchases")).ShouldBe(0);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_table_is_not_renamed_while_another_change_works_on_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (await db.ApplyAsync(Rename)).ShouldWaitAtGate();
        (
            await db.ApplyAsync(
                "operations:\n  - add_column: { table: purchases, name: n, type: int, nullable: false, "
                    + "backfill: \"7\" }",
                change: "0002_test"
            )
        ).ShouldWaitAtGate();

        Outcomes
            .Words(await db.RollbackAsync())
            .ShouldBe(
                "0001_test: 0002_test is in progress on \"public\".\"purchases\", and uses it by that name. "
                    + "Complete or roll back it first."
            );
        (await db.FindAsync())!.RollingBack.ShouldBeFalse();
        await db.ExecuteAsync("ALTER TABLE purchases RENAME TO elsewhere");
        Outcomes
            .Words(await db.RollbackAsync("0002_test"))
            .ShouldContain(
                "public.purchases does not exist, and another table has all its columns, n as well: it was "
                    + "renamed or moved. Give it its old name again; or, if that is another table, `CREATE TABLE "
                    + "\"public\".\"purchases\" ()`. Then roll back again."
            );
        await db.ExecuteAsync("ALTER TABLE elsewhere RENAME TO purchases");
        (await db.RollbackAsync("0002_test")).ShouldBeRolledBack();
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (
            await db.ScalarAsync<bool>(
                "SELECT NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'n')"
            )
        ).ShouldBeTrue();
    }

    private static async Task TryAsync(NpgsqlConnection session, string statement, Action<string> failed)
    {
        await using NpgsqlTransaction undone = await session.BeginTransactionAsync();
        try
        {
            if (statement.StartsWith("COPY (", StringComparison.Ordinal))
            {
                using TextReader copied = await session.BeginTextExportAsync(statement);
                await copied.ReadToEndAsync();
            }
            else if (statement.StartsWith("COPY", StringComparison.Ordinal))
            {
                await using TextWriter copied = await session.BeginTextImportAsync(statement);
                await copied.WriteAsync("1\n");
            }
            else
            {
                await ExecuteAsync(session, statement);
            }
        }
        catch (PostgresException error)
        {
            failed(error.MessageText);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection session, string sql)
    {
        await using NpgsqlCommand command = new(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
