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
    public void A_pooler_is_a_topic_of_its_own()
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
    public async Task A_plain_server_is_found_in_order(int major)
    {
        await using TestDatabase db = await Postgres.DatabaseAsync(major);
        await using PostgresEngine engine = db.Engine();

        IReadOnlyList<Diagnosis> found = await engine.Inspection.Doctor.ExamineAsync(CancellationToken.None);

        found
            .Where(diagnosis => diagnosis.Health == Health.Bad && diagnosis.Topic != "prepared-transactions")
            .ShouldBeEmpty();
        found.Select(diagnosis => diagnosis.Topic).Take(2).ShouldBe(["version", "pooler"]);
    }
}
