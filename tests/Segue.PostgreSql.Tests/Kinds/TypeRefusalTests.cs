using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.PostgreSql.Tests.AddColumn;
using Segue.Running;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.Kinds;

/// <summary>What cannot be done to a type, or not safely, is said before anything is changed.</summary>
[Trait("kind", "create_enum")]
[Trait("kind", "add_enum_value")]
[Trait("kind", "rename_enum_value")]
[Trait("kind", "create_domain")]
[Trait("kind", "alter_domain")]
public class TypeRefusalTests
{
    private const string Setup =
        Cases.Orders
        + """
            CREATE TYPE status AS ENUM ('open', 'paid');
            CREATE TABLE sales (id int PRIMARY KEY, status status DEFAULT 'open'); INSERT INTO sales VALUES (1);
            CREATE FUNCTION is_open(s status) RETURNS boolean LANGUAGE sql AS $$ SELECT s = 'open' $$;
            CREATE DOMAIN price AS numeric CONSTRAINT sane CHECK (VALUE >= 0);
            CREATE DOMAIN packed AS int;
            CREATE TABLE goods (id int PRIMARY KEY, price price, old price[]);
            INSERT INTO goods SELECT n, n FROM generate_series(1, 100) n; ALTER TABLE goods DROP COLUMN old;
            CREATE TABLE packs (p packed[]);
            """;

    private static readonly (string Operation, Type Outcome, string What)[] Cannot =
    [
        (
            "create_enum: { name: status, labels: [a] }",
            typeof(RunOutcome.Invalid),
            "create_enum status: type \"status\" already exists. Choose another name, or other labels."
        ),
        (
            "create_enum: { name: orders, labels: [a] }",
            typeof(RunOutcome.Invalid),
            "create_enum orders: type \"orders\" already exists."
        ),
        (
            "create_enum: { name: nowhere.mood, labels: [a] }",
            typeof(RunOutcome.Invalid),
            "create_enum nowhere.mood: there is no schema nowhere in database"
        ),
        (
            "add_enum_value: { type: nothing, value: a }",
            typeof(RunOutcome.Invalid),
            "add_enum_value nothing.a: there is no type nothing on the search path (public)."
        ),
        (
            "add_enum_value: { type: text, value: a }",
            typeof(RunOutcome.Invalid),
            "pg_catalog.text is not an enum type."
        ),
        (
            "add_enum_value: { type: status, value: paid }",
            typeof(RunOutcome.Invalid),
            ": value: public.status already has the label paid"
        ),
        (
            "add_enum_value: { type: status, value: a }\n  - add_enum_value: { type: status, value: a }",
            typeof(RunOutcome.Invalid),
            "or this change adds it twice"
        ),
        (
            "add_enum_value: { type: status, value: a, after: Open }",
            typeof(RunOutcome.Invalid),
            ": after: public.status has no label Open. It has open, paid."
        ),
        (
            "add_enum_value: { type: status, value: sent }\n  - add_column: { table: sales, name: s, type: "
                + "status, default: \"'sent'\" }",
            typeof(RunOutcome.Invalid),
            "unsafe use of new value \"sent\" of enum type status"
        ),
        (
            "rename_enum_value: { type: status, from: nothing, to: a }",
            typeof(RunOutcome.Invalid),
            ": from: public.status has no label nothing."
        ),
        (
            "rename_enum_value: { type: status, from: open, to: paid }",
            typeof(RunOutcome.Invalid),
            ": to: public.status already has a label paid."
        ),
        (
            "create_enum: { name: mood, labels: [a] }\n  - add_enum_value: { type: mood, value: b }",
            typeof(RunOutcome.Invalid),
            "public.mood is created by this change. Create it in its final form."
        ),
        (
            "create_domain: { name: d, type: int }\n  - alter_domain: { domain: d, default: 1 }",
            typeof(RunOutcome.Invalid),
            "public.d is created by this change."
        ),
        (
            "create_domain: { name: d, type: nothing }",
            typeof(RunOutcome.Invalid),
            "create_domain d: type: type \"nothing\" does not exist."
        ),
        (
            "create_domain: { name: d, type: int DEFAULT 3 }",
            typeof(RunOutcome.Invalid),
            "create_domain d: type: syntax error at or near \"DEFAULT\"."
        ),
        (
            "create_domain: { name: d, type: \"int); DROP TABLE orders; --\" }",
            typeof(RunOutcome.Invalid),
            "is not one SQL expression"
        ),
        ("create_domain: { name: price, type: int }", typeof(RunOutcome.Invalid), "type \"price\" already exists"),
        (
            "create_domain: { name: d, type: int, checks: [VALUE > nothing] }",
            typeof(RunOutcome.Invalid),
            "column \"nothing\" does not exist"
        ),
        (
            "alter_domain: { domain: status, nullable: true }",
            typeof(RunOutcome.Invalid),
            "public.status is not a domain."
        ),
        (
            "alter_domain: { domain: price, add_check: VALUE > 'x' }",
            typeof(RunOutcome.Invalid),
            "alter_domain price: add_check: invalid input syntax for type numeric"
        ),
        (
            "alter_domain: { domain: price, add_check: { name: sane, check: VALUE > 1 } }",
            typeof(RunOutcome.Invalid),
            "constraint \"sane\" for domain \"price\" already exists"
        ),
        (
            "alter_domain: { domain: price, add_check: VALUE > 3 }",
            typeof(RunOutcome.Failed),
            "price satisfies price_check: 3 of 100 rows of \"public\".\"goods\" violate this, e.g. id=1, id=2, id=3."
        ),
        (
            "alter_domain: { domain: packed, add_check: VALUE > 3 }",
            typeof(RunOutcome.Refused),
            "public.packs.p has values of packed inside another type"
        ),
        (
            "alter_domain: { domain: price, nullable: false }",
            typeof(RunOutcome.Refused),
            "the server would read all of goods while nobody can write to them"
        ),
        (
            "alter_domain: { domain: price, drop_constraint: nothing }",
            typeof(RunOutcome.Invalid),
            ": drop_constraint: public.price has no CHECK nothing. It has sane."
        ),
        (
            "alter_domain: { domain: price, rename_constraint: { from: nothing, to: a } }",
            typeof(RunOutcome.Invalid),
            ": rename_constraint: public.price has no CHECK nothing."
        ),
        (
            "alter_domain: { domain: price, default: \"'x'\" }",
            typeof(RunOutcome.Invalid),
            ": default: invalid input syntax for type numeric"
        ),
        (
            "alter_domain: { domain: price, default: 1 }\n  - alter_domain: { domain: price, nullable: true }",
            typeof(RunOutcome.Invalid),
            "works on this domain as well"
        ),
    ];

    [Theory, PostgresVersions(14, 18)]
    public Task An_impossible_operation_is_refused_with_its_reason_and_changes_nothing(int major) =>
        Mistakes.ShouldBeToldAsync(major, Setup, Cannot);

    [Theory, PostgresVersions(14, 18)]
    public async Task Rollback_does_not_drop_a_type_used_or_altered_since(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        IReadOnlyList<string> before = await CatalogDescription.OfAsync(db);
        const string Change =
            "operations:\n  - create_enum: { name: mood, labels: [sad, ok] }\n  - rename_enum_value: { "
            + "type: status, from: open, to: new }";
        (await db.ApplyAsync(Change)).ShouldWaitAtGate();
        await db.ExecuteAsync("ALTER TABLE sales ADD moods mood[]");

        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("the enum \"public\".\"mood\" is used by an object that this change did not create");
        await db.ExecuteAsync("ALTER TABLE sales DROP moods; ALTER TYPE mood RENAME VALUE 'sad' TO 'down'");
        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("or is not as this change created it");
        await db.ExecuteAsync("ALTER TYPE mood RENAME VALUE 'down' TO 'sad'");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await CatalogDescription.OfAsync(db)).Except(before).Where(line => !line.Contains("sales")).ShouldBeEmpty();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_foreign_type_of_the_planned_name_is_not_adopted(int major)
    {
        const string Change = "operations:\n  - create_enum: { name: mood, labels: [sad, ok] }";
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        db.Happened = happened =>
        {
            if (happened is RunEvent.StepStarted)
            {
                db.ExecuteAsync("CREATE TYPE mood AS ENUM ('ok', 'sad')").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync(Change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("exists and does not belong to this change");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ColumnAsync("SELECT enum_range(NULL::mood)::text")).ShouldBe(["{ok,sad}"]);
    }

    [Theory, PostgresVersions(15)]
    public async Task A_rename_of_a_label_says_what_it_breaks_and_what_names_it(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);

        string told = (
            await db.PlannedAsync("operations:\n  - rename_enum_value: { type: status, from: open, to: new }")
        )
            .Hazards.ShouldHaveSingleItem()
            .Message;

        told.ShouldContain("status never has both labels");
        told.ShouldContain("These functions have open in their text: is_open(status).");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_check_whose_validation_would_block_writers_is_proven_by_reading_and_stays_not_valid(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        const string Change = "operations:\n  - alter_domain: { domain: price, add_check: VALUE < 1000 }";

        (await db.PlannedAsync(Change))
            .Hazards.ShouldHaveSingleItem()
            .Message.ShouldContain("The CHECK stays NOT VALID, because proving it would block writers of goods");
        (await db.ApplyAsync(Change)).ShouldBeCompleted();

        (
            await db.ScalarAsync<bool>("SELECT convalidated FROM pg_constraint WHERE conname = 'price_check'")
        ).ShouldBeFalse();
        await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            db.ExecuteAsync("INSERT INTO goods VALUES (1000, 1000)")
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_value_uncommitted_when_the_check_was_added_is_found(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        await using Npgsql.NpgsqlConnection app = await db.OpenAsync();
        await using Npgsql.NpgsqlTransaction open = await app.BeginTransactionAsync();
        await using Npgsql.NpgsqlCommand write = new("INSERT INTO goods VALUES (1000, 5000)", app);
        await write.ExecuteNonQueryAsync();
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.OnlineProgressed { Progress.Phase: var phase }
                && phase.Contains($"{app.ProcessID}", StringComparison.Ordinal)
            )
            {
                open.Commit();
            }
        };
        const string Change = "operations:\n  - alter_domain: { domain: price, add_check: VALUE < 1000 }";

        (await db.ApplyAsync(Change))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "price satisfies price_check: 1 of 101 rows of \"public\".\"goods\" violate this, e.g. id=1000."
            );
        await db.ExecuteAsync("UPDATE goods SET price = 500 WHERE id = 1000");
        (await db.ApplyAsync(Change)).ShouldBeCompleted();
    }

    [Theory, PostgresVersions(15)]
    public async Task A_table_that_uses_the_domain_since_planning_is_not_locked_unannounced(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        db.Planning = new();
        await db.ExecuteAsync(Setup);
        db.Happened = happened =>
        {
            if (
                happened is RunEvent.StepStarted { Step.Id: var id }
                && id.EndsWith("validate", StringComparison.Ordinal)
            )
            {
                db.ExecuteAsync("CREATE TABLE IF NOT EXISTS late (price price)").GetAwaiter().GetResult();
            }
        };

        (await db.ApplyAsync("operations:\n  - alter_domain: { domain: price, add_check: VALUE < 1000 }"))
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain(
                "a table has a column of \"public\".\"price\" that had none when the change was planned"
            );
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<long>("SELECT count(*) FROM pg_constraint WHERE conname = 'price_check'")).ShouldBe(0);
    }

    [Theory, PostgresVersions(15)]
    public async Task Rollback_does_not_overwrite_a_domain_altered_meanwhile(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(Setup);
        (
            await db.ApplyAsync(
                "operations:\n  - alter_domain: { domain: price, default: 1, add_check: { name: low, "
                    + "check: VALUE < 1000 }, drop_constraint: sane }"
            )
        ).ShouldWaitAtGate();
        await db.ExecuteAsync(
            "ALTER DOMAIN price SET DEFAULT 2; ALTER DOMAIN price DROP CONSTRAINT low; ALTER DOMAIN price "
                + "ADD CONSTRAINT low CHECK (VALUE < 999)"
        );

        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("is not as this change found or left it");
        await db.ExecuteAsync("ALTER DOMAIN price DROP CONSTRAINT low");
        (await db.RollbackAsync())
            .ShouldBeOfType<RunOutcome.Failed>()
            .Message.ShouldContain("is not as this change found or left it");
        await db.ExecuteAsync("ALTER DOMAIN price SET DEFAULT 1");
        (await db.RollbackAsync()).ShouldBeRolledBack();
        (await db.ScalarAsync<bool>("SELECT typdefault IS NULL FROM pg_type WHERE typname = 'price'")).ShouldBeTrue();
    }

    /// <summary>No superuser is needed for any kind of type or table.</summary>
    [Theory, PostgresVersions(14, 18)]
    public async Task Only_the_owner_may_alter_a_type(int major)
    {
        const string Change = """
            operations:
              - create_enum: { name: mood, labels: [sad, ok], comment: Now }
              - create_domain: { name: email, type: text, checks: ["VALUE LIKE '%@%'"] }
              - add_enum_value: { type: status, value: refunded }
              - alter_domain: { domain: price, add_check: VALUE < 1000, default: 1, comment: Money,
                  drop_constraint: sane }
              - set_options: { table: fresh, set: { fillfactor: 80 }, comment: New }
              - attach_partition: { table: root, partition: fresh, values: FROM (0) TO (10) }
              - detach_partition: { table: root, partition: old }
            """;
        await using TestDatabase db = await Postgres.EmptyDatabaseAsync(major);
        string role = $"types_{major}";
        await db.ExecuteAsync(
            $"""
            DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN;
                CREATE ROLE {role}_other LOGIN; END IF; END $$;
            GRANT CREATE ON DATABASE {db.Name} TO {role}, {role}_other;
            GRANT CREATE ON SCHEMA public TO {role}, {role}_other;
            SET ROLE {role};
            CREATE TYPE status AS ENUM ('open'); CREATE DOMAIN price AS int CONSTRAINT sane CHECK (VALUE > 0);
            CREATE TABLE root (id int NOT NULL, price price) PARTITION BY RANGE (id); CREATE INDEX ON root (price);
            CREATE TABLE old PARTITION OF root FOR VALUES FROM (10) TO (20);
            CREATE TABLE fresh (id int NOT NULL, price price);
            INSERT INTO fresh SELECT n, 1 FROM generate_series(0, 9) n;
            """
        );
        TestDatabase other = new(db.Server, db.Name, db.Server.ConnectionString(db.Name, $"{role}_other"));
        string told = string.Join(
            '\n',
            (await other.PlanAsync(Change)).ShouldBeOfType<Segue.Engines.PlanOutcome.Refused>().Problems
        );
        told.ShouldContain($"public.status belongs to {role}; only its owner may alter it.");
        told.ShouldContain($"public.price belongs to {role}; only its owner may alter it.");
        told.ShouldContain($"public.fresh belongs to {role}; only its owner may alter it.");
        told.ShouldContain($"public.root belongs to {role}; only its owner may alter it.");

        TestDatabase owner = new(db.Server, db.Name, db.Server.ConnectionString(db.Name, role));
        await owner.MigrateAsync(Change);
        (
            await db.ColumnAsync("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'root'::regclass")
        ).ShouldBe(["fresh"]);
    }
}
