using Segue.Conformance;
using Segue.Testing;

namespace Segue.PostgreSql.Tests.AddColumn;

/// <summary>
/// Random tables, random changes. Seeds are fixed, so that a run says the same each time; SEGUE_TEST_SEED begins
/// elsewhere, SEGUE_TEST_CASES makes
/// more of them. A seed that found something stays below as a test of its own, or became a case.
/// </summary>
public class RandomChangeTests : ConformanceTests
{
    private static readonly int First = Setting("SEGUE_TEST_SEED", 1);
    private static readonly int Count = Setting("SEGUE_TEST_CASES", 25);
    private static readonly int[] Majors = [14, 18];

    public static IEnumerable<object[]> Seeds =>
        from seed in Enumerable.Range(First, Count)
        where Rotation.Takes(seed)
        from major in Majors.Intersect(Postgres.Majors).DefaultIfEmpty(Postgres.Majors[0])
        select new object[] { major, seed };

    [Theory, MemberData(nameof(Seeds))]
    public async Task A_random_change_of_a_random_table_ends_as_plain_statements_make_it(int major, int seed)
    {
        ChangeCase change = RandomChange.Of(seed);
        try
        {
            await EndsAsThePlainStatementsDoAsync(major, change);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException(
                $"Seed {seed} on PostgreSQL {major}:\n{change.Setup}\n{change.File}\n{change.Plain}\n{error.Message}",
                error
            );
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;
}
