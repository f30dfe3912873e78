using Segue.Execution;
using Segue.PostgreSql.Connections;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>A right that only a later stage needs is asked for before the first one begins.</summary>
public class RightsTests
{
    private const string Filled = "type: int, nullable: false, backfill: amount";

    [Theory, PostgresVersions(14, 18)]
    public async Task A_role_without_CREATE_in_the_schema_gets_no_index_or_sequence_but_the_needed_grant(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(
            major,
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT SELECT ON currencies TO {0}"
        );
        string remedy =
            "would be created in schema public, where our role may not create objects. `GRANT CREATE ON SCHEMA "
            + $"\"public\" TO \"{clerk.Role}\"`.";

        (await clerk.RefusedAsync($"table: orders, name: x, {Filled}, index: true")).ShouldBe(
            $"add_column orders.x: its index {remedy}"
        );
        (await clerk.RefusedAsync($"table: orders, name: x, {Filled}, unique: true")).ShouldBe(
            $"add_column orders.x: its index {remedy}"
        );
        (await clerk.RefusedAsync("table: orders, name: x, type: int, identity: {}")).ShouldBe(
            $"add_column orders.x: its sequence {remedy}"
        );

        await clerk.MayAsync($"table: orders, name: x, {Filled}, check: x > 0");
        await clerk.Admin.ExecuteAsync($"GRANT CREATE ON SCHEMA public TO {clerk.Role}");
        await clerk.MayAsync(
            $"table: orders, name: y, {Filled}, unique: true, index: true",
            "table: orders, name: z, type: int, identity: {}"
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_role_without_CREATE_in_a_partitions_schema_gets_no_index_on_it(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(
            major,
            """
            CREATE SCHEMA years; GRANT CREATE ON SCHEMA public TO {0};
            CREATE TABLE parts (id int, amount int) PARTITION BY RANGE (id);
            CREATE TABLE years.parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100); INSERT INTO parts VALUES (1, 1);
            ALTER TABLE parts OWNER TO {0}; ALTER TABLE years.parts_1 OWNER TO {0};
            """
        );

        (await clerk.RefusedAsync($"table: parts, name: x, {Filled}")).ShouldBe(
            "add_column parts.x: partitions are in schema years, which our role may not use. `GRANT USAGE "
                + $"ON SCHEMA \"years\" TO \"{clerk.Role}\"`."
        );
        await clerk.Admin.ExecuteAsync($"GRANT USAGE ON SCHEMA years TO {clerk.Role}");
        (await clerk.RefusedAsync($"table: parts, name: x, {Filled}, index: true")).ShouldBe(
            "add_column parts.x: its index would be created in schema years, where our role may not create objects. "
                + $"`GRANT CREATE ON SCHEMA \"years\" TO \"{clerk.Role}\"`."
        );
        await clerk.MayAsync($"table: parts, name: x, {Filled}");
        await clerk.Admin.ExecuteAsync($"GRANT CREATE ON SCHEMA years TO {clerk.Role}");
        await clerk.MayAsync($"table: parts, name: y, {Filled}, index: true");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_partition_of_another_owner_is_refused(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(
            major,
            "CREATE TABLE parts (id int) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts "
                + "FOR VALUES FROM (0) TO (100); ALTER TABLE parts OWNER TO {0}; ALTER TABLE parts_1 OWNER TO "
                + "postgres;"
        );

        (await clerk.RefusedAsync("table: parts, name: x, type: int")).ShouldBe(
            "add_column parts.x: public.parts has the partition public.parts_1, which belongs to "
                + "postgres; only its owner may alter it. `ALTER TABLE \"public\".\"parts_1\" OWNER TO "
                + $"\"{clerk.Role}\"`, or connect as a role that is a member of both owners."
        );
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_parent_that_our_role_may_not_read_and_reference_is_refused_with_the_grant(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(major, "GRANT REFERENCES (name) ON currencies TO {0}");
        const string Column =
            "table: orders, name: currency, type: char(3), references: { table: currencies }, backfill: "
            + "\"CASE WHEN amount > 1 THEN 'USD' ELSE 'EUR' END\"";
        string remedy =
            $"public.currencies. `GRANT SELECT, REFERENCES ON \"public\".\"currencies\" TO \"{clerk.Role}\"`.";

        (await clerk.RefusedAsync(Column)).ShouldBe(
            $"add_column orders.currency: references: our role may not reference or read {remedy}"
        );
        await clerk.Admin.ExecuteAsync($"GRANT SELECT ON currencies TO {clerk.Role}");
        (await clerk.RefusedAsync(Column)).ShouldBe(
            $"add_column orders.currency: references: our role may not reference {remedy}"
        );
        await clerk.Admin.ExecuteAsync(
            $"GRANT REFERENCES (code) ON currencies TO {clerk.Role}; REVOKE SELECT ON currencies FROM {clerk.Role}"
        );
        (await clerk.RefusedAsync(Column)).ShouldBe(
            $"add_column orders.currency: references: our role may not read {remedy}"
        );
        await clerk.Admin.ExecuteAsync($"GRANT SELECT ON currencies TO {clerk.Role}");
        await clerk.MayAsync(Column);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_type_that_our_role_may_not_use_is_reported_before_the_change_begins(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(
            major,
            "CREATE TYPE mood AS ENUM ('sad'); REVOKE USAGE ON TYPE mood FROM PUBLIC"
        );

        Outcomes
            .Words(await clerk.Database.ApplyAsync(Cases.Adds("table: orders, name: x, type: mood")))
            .ShouldContain("permission denied for type mood");
    }

    /// <summary>A superuser applies; the trigger then runs as the table's owner, whose rights decide.</summary>
    [Theory, PostgresVersions(15, 18)]
    public async Task Missing_rights_of_the_triggers_owner_are_reported_before_the_change_begins(int major)
    {
        await using Clerk clerk = await Clerk.HiredAsync(
            major,
            """
            CREATE SCHEMA tools; CREATE FUNCTION tools.upped(t text) RETURNS text
                LANGUAGE sql STABLE AS $$ SELECT upper(t) $$; REVOKE EXECUTE ON FUNCTION tools.upped FROM PUBLIC;
            GRANT SELECT ON currencies TO {0}; ALTER TABLE currencies ENABLE ROW LEVEL SECURITY;
            CREATE POLICY visible ON currencies USING (code <> 'EUR');
            """
        );
        string calls = Cases.Adds("table: orders, name: x, type: text, backfill: tools.upped(region)");
        string who = $"the expression calls tools.upped(text), which {clerk.Role}, the owner of orders, may not.";

        Outcomes
            .Words((await clerk.Admin.ApplyAsync(calls)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldBe($"add_column orders.x: {who} `GRANT USAGE ON SCHEMA \"tools\" TO \"{clerk.Role}\"`.");
        await clerk.Admin.ExecuteAsync($"GRANT USAGE ON SCHEMA tools TO {clerk.Role}");
        Outcomes
            .Words((await clerk.Admin.ApplyAsync(calls)).ShouldBeOfType<RunOutcome.Refused>())
            .ShouldBe($"add_column orders.x: {who} `GRANT EXECUTE ON FUNCTION tools.upped(text) TO \"{clerk.Role}\"`.");
        await clerk.Admin.ExecuteAsync($"GRANT EXECUTE ON FUNCTION tools.upped TO {clerk.Role}");
        (await clerk.Admin.ApplyAsync(calls)).ShouldWaitAtGate();

        Outcomes
            .Words(
                (
                    await clerk.Admin.ApplyAsync(
                        Cases.Adds(
                            "table: orders, name: y, type: text, backfill: \"(SELECT min(name) FROM currencies)\""
                        ),
                        change: "0002_test"
                    )
                ).ShouldBeOfType<RunOutcome.Refused>()
            )
            .ShouldContain($"whose row security applies to our role or to {clerk.Role}, who will own the sync trigger");
    }

    /// <summary>An ordinary role that owns orders, and nothing else that it is not given.</summary>
    private sealed class Clerk(TestDatabase admin, string role) : IAsyncDisposable
    {
        private int _changes;

        public TestDatabase Admin => admin;

        public string Role => role;

        public TestDatabase Database { get; } =
            new(admin.Server, admin.Name, admin.Server.ConnectionString(admin.Name, role));

        /// <param name="given">With {0} for the role.</param>
        public static async Task<Clerk> HiredAsync(int major, string given)
        {
            TestDatabase admin = await Postgres.EmptyDatabaseAsync(major);
            string role = $"clerk_{admin.Name}";
            await admin.ExecuteAsync(Cases.Orders);
            await admin.ExecuteAsync(
                $"CREATE ROLE {role} LOGIN; GRANT CREATE ON DATABASE {admin.Name} TO {role}; ALTER TABLE "
                    + $"orders OWNER TO {role}"
            );
            await admin.ExecuteAsync(given.Replace("{0}", role));
            return new Clerk(admin, role);
        }

        public async Task<string> RefusedAsync(string column) =>
            Outcomes.Words((await Database.ApplyAsync(Cases.Adds(column))).ShouldBeOfType<RunOutcome.Refused>());

        public Task MayAsync(params string[] columns) =>
            Database.MigrateAsync(Cases.Adds(columns), $"{++_changes:0000}_test");

        public async ValueTask DisposeAsync()
        {
            await admin.ExecuteAsync($"REASSIGN OWNED BY {role} TO postgres; DROP OWNED BY {role}; DROP ROLE {role}");
            await Database.DisposeAsync();
        }
    }
}
