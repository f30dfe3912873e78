using Segue.Conformance;
using Segue.Engines;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

public class ConformanceTests : ChangeConformance
{
    public static TheoryData<int, string> EveryCase => Cases.On(Postgres.Majors, Cases.All);

    [Theory, MemberData(nameof(EveryCase))]
    public Task A_change_ends_as_the_plain_statements_do(int major, string change) => EndsAsThePlainStatementsDoAsync(major, Cases.Named(change));

    protected override async Task<IConformanceDatabase> DatabaseAsync(int version)
    {
        TestDatabase db = await Postgres.DatabaseAsync(version);
        db.Options = db.Options with { DutyCycle = 1 };
        return new PostgresConformanceDatabase(db);
    }
}
