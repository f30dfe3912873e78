using Segue.Engines;
using Segue.PostgreSql.Catalog;
using Segue.PostgreSql.Inspection;
using Segue.PostgreSql.Planning.Parts;
using Segue.Testing;

namespace Segue.PostgreSql.Tests;

public class DoctorTests
{
    private static readonly ServerFacts Good = new()
    {
        VersionNumber = 170004,
        InRecovery = false,
        IsReadOnly = false,
        IsSuperuser = false,
        SearchPath = ["public"],
        Role = "clerk",
        IsBehindPooler = false,
    };

    [Fact]
    public void Doctor_reports_a_pooler_under_its_own_topic()
    {
        ServerFacts pooled = Good with { IsBehindPooler = true };

        Doctor.Version(pooled).ShouldBe(Doctor.Version(Good));
        Doctor.Pooler(Good).Health.ShouldBe(Health.Good);
        Diagnosis pooler = Doctor.Pooler(pooled);
        (pooler.Topic, pooler.Health).ShouldBe(("pooler", Health.Bad));
        pooler.Message.ShouldStartWith("The connection goes through a pooler");
        Refusals
            .OfServer(pooled, "0001_test")
            .ShouldHaveSingleItem()
            .What.ShouldStartWith("the connection goes through a pooler");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_plain_server_has_no_diagnosis(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();

        IReadOnlyList<Diagnosis> found = await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None);

        found
            .Where(diagnosis => diagnosis.Health == Health.Bad && diagnosis.Topic != "prepared-transactions")
            .ShouldBeEmpty();
        found.Select(diagnosis => diagnosis.Topic).Take(2).ShouldBe(["version", "pooler"]);
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Autovacuum_that_is_off_is_judged_for_each_table(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await db.ExecuteAsync(
            "CREATE TABLE quiet (id int) WITH (autovacuum_enabled = false); CREATE TABLE usual (id int)"
        );

        Diagnosis found = (await ExamineAsync(db.ConnectionString)).Single(each => each.Topic == "autovacuum");

        found.Health.ShouldBe(Health.Limited);
        found.Message.ShouldStartWith("Autovacuum is off for quiet: ");
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task Missing_rights_are_reported_as_bad(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        string role = $"few_{Guid.NewGuid():N}";
        await db.ExecuteAsync(
            $"""
            CREATE ROLE {role} LOGIN CONNECTION LIMIT 2;
            CREATE SCHEMA closed; CREATE TABLE closed.ours (id int); ALTER TABLE closed.ours OWNER TO {role};
            CREATE TABLE theirs (id int);
            """
        );
        try
        {
            IReadOnlyList<Diagnosis> found = await ExamineAsync(
                new Npgsql.NpgsqlConnectionStringBuilder(db.ConnectionString) { Username = role }.ConnectionString
            );

            MessageOf("tables").ShouldContain($"Not ours: those of postgres. `GRANT postgres TO {role}`");
            MessageOf("schemas").ShouldContain($"`GRANT USAGE, CREATE ON SCHEMA closed TO {role}`");
            MessageOf("visibility", Health.Limited).ShouldContain($"`GRANT pg_read_all_stats TO {role}`");
            MessageOf("connections").ShouldContain("connection limit of the role");
            MessageOf("connections").ShouldEndWith("It allows 2 in all, which is never enough.");

            string MessageOf(string topic, Health health = Health.Bad)
            {
                Diagnosis diagnosis = found.Single(each => each.Topic == topic);
                diagnosis.Health.ShouldBe(health, topic);
                return diagnosis.Message;
            }
        }
        finally
        {
            await db.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Theory, PostgresVersions(14, 18)]
    public async Task A_replication_slot_that_nobody_uses_is_named(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        string slot = $"dead_{Guid.NewGuid():N}";
        await db.ExecuteAsync($"SELECT pg_create_physical_replication_slot('{slot}')");
        try
        {
            (await ExamineAsync(db.ConnectionString)).ShouldContain(each =>
                each.Topic == "slots"
                && each.Message.StartsWith($"Replication slot {slot} is not in use")
                && each.Message.Contains($"`SELECT pg_drop_replication_slot('{slot}')`")
            );
        }
        finally
        {
            await db.ExecuteAsync($"SELECT pg_drop_replication_slot('{slot}')");
        }
    }

    private static async Task<IReadOnlyList<Diagnosis>> ExamineAsync(string connectionString)
    {
        await using PostgresEngine engine = new(connectionString);
        return await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None);
    }
}
